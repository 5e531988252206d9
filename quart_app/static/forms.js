/** Sends a form's action by fetch where the page can stay; without JavaScript the form posts. */

import { fetchJson } from "./fetch-json.js";

const CONFLICT = 409;
const SETTLE_MS = 700; // a second click so soon was meant for the button that stood there

/** @param {HTMLElement} root holds forms with data-api @param {() => void} done */
export function enhanceForms(root, done) {
  const changed = { attributeFilter: ["data-api"], childList: true, subtree: true };
  new MutationObserver(() => settle(root)).observe(root.querySelector("#actions"), changed);
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.api) return;
    event.preventDefault();
    if (event.submitter?.ariaDisabled) return;
    if (!form.dataset.confirm || confirm(form.dataset.confirm)) send(form, done);
  });
}

/** What a button does has changed under the pointer or the focus. @param {HTMLElement} root */
function settle(root) {
  const buttons = root.querySelectorAll("[data-api] button");
  for (const button of buttons) button.ariaDisabled = "true";
  setTimeout(() => buttons.forEach((button) => { button.ariaDisabled = null; }), SETTLE_MS);
}

/** @param {HTMLFormElement} form @param {() => void} done */
async function send(form, done) {
  if (form.ariaBusy) return;
  const place = form.closest(".actions"); // not the part that is redrawn
  place.querySelector("[role=alert]")?.remove();
  const [method, address] = form.dataset.api.split(" ");
  form.ariaBusy = "true"; // a disabled button would lose the focus
  const { problem, status } = await fetchJson(address, { method });
  form.ariaBusy = null;
  if (problem) complain(place, problem);
  if (!problem && form.dataset.then) location.assign(form.dataset.then);
  else if (!problem || status === CONFLICT) done(); // in a conflict the job is not as the page shows it
}

/** @param {HTMLElement} place @param {string} problem */
function complain(place, problem) {
  const line = document.createElement("p");
  line.role = "alert";
  line.className = "wrong";
  line.textContent = problem;
  place.prepend(line);
}
