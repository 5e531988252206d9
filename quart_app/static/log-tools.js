/** What a reader can do with a job's log besides reading it: wrap its lines, copy it. A link downloads it. */

import { recall, remember } from "./memory.js";

const UNWRAPPED = ["localStorage", "headway-log-unwrapped"]; // who reads tables reads them in every log

/** @param {HTMLElement} list the log's lines */
export function addTools(list) {
  const wrap = document.getElementById("wrap");
  const copy = document.getElementById("copy");
  const set = (wrapped) => {
    list.toggleAttribute("data-unwrapped", !wrapped);
    wrap.ariaPressed = String(wrapped);
  };
  set(!recall(...UNWRAPPED));
  wrap.addEventListener("click", () => {
    const wrapped = wrap.ariaPressed !== "true";
    remember(...UNWRAPPED, !wrapped);
    set(wrapped);
  });
  copy.addEventListener("click", () => copyLines(list));
  wrap.hidden = copy.hidden = false;
}

/** @param {HTMLElement} list */
async function copyLines(list) {
  const lines = [...list.children].map((line) => line.textContent);
  const first = list.firstElementChild?.value ?? 1;
  const whole = first === 1 ? "" : `, from line ${first} on; Download has more`;
  try {
    await navigator.clipboard.writeText(`${lines.join("\n")}\n`);
    say(`Copied ${lines.length} ${lines.length === 1 ? "line" : "lines"}${whole}.`);
  } catch {
    getSelection().selectAllChildren(list); // no clipboard on plain http:// to another machine
    say("This browser lets no page copy here. The lines are selected: copy them by key.");
  }
}

/** @param {string} words */
function say(words) {
  document.getElementById("log-said").textContent = words;
}
