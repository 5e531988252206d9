/** A moment is picked in UTC; beside it stands what that is where the reader is. */

import { exact, zone } from "./wording.js";

export function start() {
  if (zone(new Date()) === "UTC") return;
  for (const field of document.querySelectorAll("[data-zone=UTC]")) {
    const line = document.createElement("output");
    line.className = "hint";
    line.htmlFor = field.id;
    field.after(line);
    field.addEventListener("input", () => tell(field, line));
    tell(field, line);
  }
}

/** @param {HTMLInputElement} field @param {HTMLOutputElement} line */
function tell(field, line) {
  const moment = field.valueAsNumber; // as if the field's time were in UTC, as it is
  line.textContent = Number.isNaN(moment) ? "" : `${exact(new Date(moment).toISOString())} where you are`;
}
