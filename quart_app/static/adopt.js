/** Takes parts of this page anew from the server, which already knows how to draw them. */

import { Turns } from "./turns.js";

const turns = new Turns(draw);

/** Replace every [data-adopt] whose drawing changed, soon. */
export const adopt = () => turns.ask();

async function draw() {
  const text = await drawn();
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const old of document.querySelectorAll("[data-adopt]")) {
    const fresh = page.getElementById(old.id);
    if (fresh && !fresh.isEqualNode(old)) swap(old, fresh);
  }
  return Boolean(text);
}

/** This page as the server draws it now; nothing when there is no answer. */
async function drawn() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    return answer.status < 500 ? await answer.text() : "";
  } catch {
    return ""; // no network or no server
  }
}

/** @param {HTMLElement} old @param {HTMLElement} fresh */
function swap(old, fresh) {
  const focused = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (focused) fresh.querySelector("button, a, summary")?.focus();
}
