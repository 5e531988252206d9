/**
 * How pages word numbers and times, and keep every <time> true while time goes by, in the reader's zone.
 * The server's pages/wording.py words the same things the same way.
 */

const TICK_MS = 5_000; // between two looks at all <time>s of a page
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const JUST_NOW_SECONDS = 10;
const COARSE_SECONDS = 10;
const ROUGH_HOURS = 48; // more than this is roughly days
const OLD_DAYS = 30;
const TENTHS_BELOW_SECONDS = 10;
const LEAST_SECONDS = 0.05;
const NB = "\u00a0"; // between a number and its unit: a line never ends there

/** @param {string} moment RFC 3339 @param {number} now milliseconds since 1970 */
export function ago(moment, now) {
  const seconds = (now - Date.parse(moment)) / 1000;
  if (Math.abs(seconds) < JUST_NOW_SECONDS) return seconds >= 0 ? "just now" : "in a moment";
  if (Math.abs(seconds) > OLD_DAYS * DAY) return exact(moment).slice(0, 10);
  return seconds > 0 ? `${coarse(seconds)} ago` : `in ${coarse(ahead(-seconds))}`;
}

/** The future is rounded to the nearest unit, the past down. @param {number} seconds */
function ahead(seconds) {
  const unit = seconds < MINUTE ? COARSE_SECONDS : seconds < HOUR ? MINUTE : seconds < DAY ? HOUR : DAY;
  return seconds + unit / 2;
}

/** @param {number} seconds */
function coarse(seconds) {
  if (seconds < MINUTE) return `${Math.floor(seconds / COARSE_SECONDS) * COARSE_SECONDS}${NB}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}${NB}min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}${NB}h`;
  return `${Math.floor(seconds / DAY)}${NB}d`;
}

const ZONE = new Intl.DateTimeFormat("en", { timeZoneName: "short" });
const twoDigits = (part) => String(part).padStart(2, "0");

/** In the reader's zone, to the second. @param {string} moment RFC 3339 */
export function exact(moment) {
  const at = new Date(moment);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
  return `${date} ${time} ${zone(at)}`;
}

/** The short name of the reader's zone. @param {Date} at */
export function zone(at) {
  return ZONE.formatToParts(at).find((part) => part.type === "timeZoneName").value;
}

/** @param {number} seconds A length of time in its two largest units. */
export function duration(seconds) {
  if (seconds > 0 && seconds < LEAST_SECONDS) return `under 0.1${NB}s`;
  if (seconds < TENTHS_BELOW_SECONDS) return `${Math.max(seconds, 0).toFixed(1).replace(/\.0$/, "")}${NB}s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole}${NB}s`;
  if (whole < HOUR) return two(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return two(whole, HOUR, "h", MINUTE, "min");
  return two(whole, DAY, "d", HOUR, "h");
}

function two(seconds, large, largeName, small, smallName) {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${NB}${largeName}${rest ? ` ${rest}${NB}${smallName}` : ""}`;
}

/** @param {number} seconds A guess, no finer than a guess can be. */
export function roughly(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  const [minutes, hours, days] = [MINUTE, HOUR, DAY].map((unit) => Math.round(whole / unit));
  if (whole < MINUTE) return `${whole}${NB}s`;
  if (minutes * MINUTE < HOUR) return `${minutes}${NB}min`;
  return hours <= ROUGH_HOURS ? `${hours}${NB}h` : `${days}${NB}d`;
}

/** @param {string} start @param {string} end both RFC 3339 */
export function elapsed(start, end) {
  return duration((Date.parse(end) - Date.parse(start)) / 1000);
}

/** @param {number} count */
export function number(count) {
  return count.toLocaleString("en");
}

/** @param {number} count Bytes in the largest unit that fits. */
export function size(count) {
  const step = Math.min(3, Math.max(0, Math.floor(Math.log2(Math.max(count, 1)) / 10)));
  return `${(count / 1024 ** step).toFixed(1).replace(/\.0$/, "")}${NB}${["B", "KiB", "MiB", "GiB"][step]}`;
}

/** @param {Document} page */
export function keepTimes(page) {
  const tick = () => {
    if (page.hidden) return;
    for (const time of page.querySelectorAll("time[datetime]")) wordTime(time);
  };
  tick();
  setInterval(tick, TICK_MS);
  page.addEventListener("visibilitychange", tick);
}

/** Point a <time> at a moment. @param {HTMLTimeElement} time @param {string} moment RFC 3339 @param {boolean} due */
export function setTime(time, moment, due) {
  if (time.dateTime !== moment) time.dateTime = moment;
  time.toggleAttribute("data-due", due);
  wordTime(time);
}

/** The server words times in UTC, for it does not know where the reader is. @param {HTMLTimeElement} time */
function wordTime(time) {
  const at = exact(time.dateTime);
  if (time.title !== at) time.title = at;
  // A clock that is behind the server's puts nothing into the future that has happened.
  const least = "due" in time.dataset ? 0 : Date.parse(time.dateTime);
  const words = ago(time.dateTime, Math.max(Date.now(), least));
  if (time.textContent !== words) time.textContent = words;
}
