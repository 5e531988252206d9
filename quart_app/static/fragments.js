/** Reloads parts of a page from the server, which already knows how to draw them. */

import { PATIENCE_MS } from "./fetch-json.js";
import { patch } from "./patch.js";
import { Coalesced } from "./coalesce.js";

/**
 * Parts that are redrawn on request, after a short delay.
 * @param {string} selector of parts with an id @param {string} [address] of a page that shows them too
 */
export const refreshed = (selector, address = location.href) => new Coalesced(() => draw(selector, address));

/** @param {string} selector @param {string} address */
async function draw(selector, address) {
  const text = await drawn(address);
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const old of document.querySelectorAll(selector)) {
    const fresh = page.getElementById(old.id);
    if (fresh) patch(old, fresh);
  }
  return Boolean(text);
}

/** A page as the server draws it now; nothing when there is no answer. @param {string} address */
async function drawn(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.status < 500 ? await answer.text() : "";
  } catch {
    return ""; // no network or no server
  }
}
