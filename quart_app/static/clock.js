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

/** Point a <time> at a moment. @param {HTMLTimeElement} time @param {string} moment RFC 3339 @param {boolean} due */
export function setTime(time, moment, due) {
  if (time.dateTime !== moment) time.dateTime = moment;
  time.toggleAttribute("data-due", due);
  word(time);
}

/** The server words times in UTC, for it does not know where the reader is. @param {HTMLTimeElement} time */
function word(time) {
  const at = exact(time.dateTime);
  if (time.title !== at) time.title = at;
  // A clock that is behind the server's puts nothing into the future that has happened.
  const least = "due" in time.dataset ? 0 : Date.parse(time.dateTime);
  const words = ago(time.dateTime, Math.max(Date.now(), least));
  if (time.textContent !== words) time.textContent = words;
}
