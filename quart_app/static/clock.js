/** Keeps every <time datetime> of a page true while time goes by, and in the reader's zone. */

import { ago, exact } from "./wording.js";

const TICK_MS = 5_000;

/** @param {Document} page */
export function keepTimes(page) {
  const tick = () => {
    if (page.hidden) return;
    for (const time of page.querySelectorAll("time[datetime]")) word(time);
  };
  tick();
  setInterval(tick, TICK_MS);
  page.addEventListener("visibilitychange", tick);
}

/** Point a <time> at a moment. @param {HTMLTimeElement} time @param {string} moment RFC 3339 */
export function setTime(time, moment) {
  if (time.dateTime !== moment) time.dateTime = moment;
  word(time);
}

/** The server words times in UTC, for it does not know where the reader is. @param {HTMLTimeElement} time */
function word(time) {
  const at = exact(time.dateTime);
  if (time.title !== at) time.title = at;
  const words = ago(time.dateTime, Date.now());
  if (time.textContent !== words) time.textContent = words;
}
