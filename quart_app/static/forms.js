/** Sends a form's action by fetch where the page can stay; without JavaScript the form posts. */

import { ask } from "./ask.js";

/** @param {HTMLElement} root holds forms with data-api @param {() => void} done */
export function enhanceForms(root, done) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.api) return;
    event.preventDefault();
    if (!form.dataset.confirm || confirm(form.dataset.confirm)) send(form, done);
  });
}

/** @param {HTMLFormElement} form @param {() => void} done */
async function send(form, done) {
  if (form.ariaBusy) return;
  const [method, address] = form.dataset.api.split(" ");
  form.ariaBusy = "true"; // a disabled button would lose the focus
  const { problem } = await ask(address, { method });
  form.ariaBusy = null;
  if (problem) complain(form.parentElement, problem);
  else if (form.dataset.then) location.assign(form.dataset.then);
  else done();
}

/** @param {HTMLElement} place @param {string} problem */
function complain(place, problem) {
  place.querySelector("[role=alert]")?.remove();
  const line = document.createElement("p");
  line.role = "alert";
  line.className = "wrong";
  line.textContent = problem;
  place.prepend(line);
}
