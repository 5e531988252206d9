/** Choosing jobs on the list, and doing the same to them without leaving it. The server words and decides. */

const NO_ANSWER = "The server does not respond. The action may or may not have been carried out.";

export function start() {
  const form = document.getElementById("bulk");
  const page = document.getElementById("page");
  page.addEventListener("change", () => {
    for (const box of boxesOf(form)) box.checked = page.checked;
    count(form);
  });
  document.addEventListener("change", ({ target }) => target.form === form && count(form));
  // Rows that came or went may have changed what is chosen: say so.
  new MutationObserver(() => count(form)).observe(document.getElementById("jobs"), { childList: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    question(form, event.submitter);
  });
  count(form);
  // The outcome is announced once, not at each reload.
  const here = new URL(location);
  for (const name of ["action", "done", "refused"]) here.searchParams.delete(name);
  history.replaceState(history.state, "", here);
}

/** @param {HTMLFormElement} form */
function count(form) {
  const { all } = form.elements;
  const boxes = boxesOf(form);
  const chosen = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.disabled = all.checked;
  const some = chosen === 1 ? "1 job selected" : `${chosen} jobs selected`;
  document.getElementById("selected").textContent = all.checked ? "All selected" : some;
  const page = document.getElementById("page");
  page.checked = chosen > 0 && chosen === boxes.length;
  page.indeterminate = chosen > 0 && !page.checked;
  page.disabled = all.checked;
  page.parentElement.hidden = !boxes.length;
}

/** The rows' checkboxes. @param {HTMLFormElement} form @returns {HTMLInputElement[]} */
const boxesOf = (form) => [...form.elements].filter((box) => box.name === "ids");

/** The server's question, in front of the list. @param {HTMLFormElement} form @param {HTMLButtonElement} button */
async function question(form, button) {
  const page = await post(form, button);
  const asked = page?.getElementById("confirm");
  if (!asked) return tell(page?.querySelector("h1")?.textContent ?? NO_ANSWER);
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  if (asked.querySelector("#warning")) dialog.setAttribute("aria-describedby", "warning");
  dialog.append(asked);
  asked.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    dialog.close();
    // As long as much is left, the answer is a form that goes on.
    for (let part = asked; part; ) {
      const after = await post(part, null, [["shown", "1"]]);
      tell(after?.querySelector("#told, .trouble h1")?.textContent ?? NO_ANSWER);
      part = after?.querySelector("#confirm[data-goes-on]");
    }
    form.reset();
    count(form);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * What came back as a page. @param {HTMLFormElement} form @param {HTMLButtonElement} [button]
 * @param {Array<[string, string]>} [more] fields
 */
async function post(form, button, more = []) {
  try {
    const body = new URLSearchParams([...new FormData(form, button), ...more]);
    const address = form.getAttribute("action"); // form.action is the field of this name
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "text/html" } });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null; // no network or no server
  }
}

/** @param {string} words */
function tell(words) {
  document.getElementById("told").textContent = words;
}
