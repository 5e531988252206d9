/** The picture of the last hour: redrawn by the server from time to time while the page is visible. */

import { BASE } from "./base.js";
import { refreshed } from "./fragments.js";
import { zone } from "./wording.js";

const EVERY_MS = 30_000; // a bar is a minute
const SOON_MS = 2_000; // after an end: more may come with it
const PAUSE_MS = 5_000; // between two pictures however many jobs end
const DAY_MINUTES = 24 * 60;

/** @returns {() => void} to be called when a job has ended: the picture follows soon */
export function start() {
  const picture = refreshed("#last-hour", `${BASE}/last-hour`);
  setInterval(() => picture.ask(), EVERY_MS);
  inTheReadersZone();
  const changed = { childList: true, characterData: true, subtree: true };
  new MutationObserver(inTheReadersZone).observe(document.getElementById("last-hour"), changed);
  return seldom(() => picture.ask());
}

/** @param {() => void} act is done soon after it was wanted, and at most once in a pause */
function seldom(act) {
  let last = -PAUSE_MS;
  let due = 0;
  return () => {
    due ||= setTimeout(() => {
      due = 0;
      last = performance.now();
      act();
    }, Math.max(SOON_MS, last + PAUSE_MS - performance.now()));
  };
}

/** The server's table is in UTC; a redrawn one says so again. */
function inTheReadersZone() {
  const [head, ...rows] = document.querySelectorAll("#last-hour th:first-child");
  const here = zone(new Date());
  if (!head || head.textContent !== "UTC" || here === "UTC") return;
  const ahead = -new Date().getTimezoneOffset();
  for (const row of rows) row.firstChild.data = shifted(row.firstChild.data, ahead);
  head.textContent = here;
}

/** @param {string} time as 12:05 @param {number} minutes */
function shifted(time, minutes) {
  const [hour, minute] = time.split(":").map(Number);
  const later = (60 * hour + minute + minutes + DAY_MINUTES) % DAY_MINUTES;
  return [Math.floor(later / 60), later % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
