/** Single keys for what is done often, and the sheet that lists them. They are off while you type. */

import { BASE } from "./base.js";
import { recall, remember } from "./preferences.js";

const SECOND_KEY_MS = 1_000; // g j is two keys, this close together
const OFF = ["localStorage", "headway-keys-off"]; // for people who use speech input or hit keys by accident
// Each section by its first letter; a new job has a key of its own.
const SECTIONS = new Map([...document.querySelectorAll(".top nav a:not([href$='/jobs/new'])")].map((link) => [link.textContent[0].toLowerCase(), link]));
const FIELDS = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button])";

const KEYS = [
  ["?", "show these keys", openSheet],
  ["/", "search", () => document.querySelector("[type=search]")?.select()],
  ["j", "next job of the list", () => move(1)],
  ["k", "previous job", () => move(-1)],
  ["o", "open it (or Enter)", () => row()?.querySelector("a").click()],
  ["x", "select it", () => row()?.querySelector("input").click()],
  ["n", "new job", () => location.assign(`${BASE}/jobs/new`)],
  ["g", `then ${[...SECTIONS].map(([key, { textContent }]) => `${key} ${textContent.toLowerCase()}`).join(", ")}`],
  ["s", "to the Stop button of a job's page, Enter presses it", () => find("stop")],
  ["r", "to its Try again button", () => find("retry")],
];

let went = 0; // when g was hit

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    const { ctrlKey, metaKey, altKey, isComposing, target } = event;
    if (ctrlKey || metaKey || altKey || isComposing || event.defaultPrevented) return;
    if (target.closest(FIELDS) || document.querySelector("dialog[open]") || recall(...OFF)) return;
    if (hit(event.key)) event.preventDefault();
  });
  const button = document.createElement("button");
  button.textContent = "Keys";
  button.addEventListener("click", openSheet);
  document.querySelector(".foot").append(button);
}

/** True when the key means something here. @param {string} key */
function hit(key) {
  const second = Date.now() - went < SECOND_KEY_MS;
  went = key === "g" ? Date.now() : 0;
  if (second && SECTIONS.has(key)) location.assign(SECTIONS.get(key).href);
  else KEYS.find(([name]) => name === key)?.[2]?.();
  return KEYS.some(([name]) => name === key);
}

/** The row that has the focus, or had it last. */
const row = () => document.activeElement.closest("#jobs > li");

/** @param {1|-1} step */
function move(step) {
  const list = document.getElementById("jobs");
  const here = row();
  const next = here ? (step > 0 ? here.nextElementSibling : here.previousElementSibling) : list?.firstElementChild;
  next?.querySelector("a").focus();
}

/** A key hit by mistake must not end anybody's work. @param {string} action */
const find = (action) => document.querySelector(`#actions [data-api$="/${action}"] button`)?.focus();

function openSheet() {
  const dialog = document.getElementById("keys") ?? document.body.appendChild(sheet());
  dialog.showModal();
}

function sheet() {
  const dialog = make("dialog", { id: "keys" });
  const list = make("dl");
  for (const [key, meaning] of KEYS) {
    const term = make("dt");
    term.append(make("kbd", { textContent: key }));
    list.append(term, make("dd", { textContent: meaning }));
  }
  const box = make("input", { type: "checkbox", checked: !recall(...OFF) });
  box.addEventListener("change", () => remember(...OFF, !box.checked));
  const label = make("label");
  label.append(box, " use these keys");
  const form = make("form", { method: "dialog" });
  form.append(make("button", { textContent: "Close" }), label);
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.append(make("h1", { id: "keys-title", textContent: "Keys" }), list, form);
  return dialog;
}

/** @param {string} name @param {object} [traits] */
const make = (name, traits) => Object.assign(document.createElement(name), traits);
