/** A job's timeline: the span that lasts grows, and the others make room. The server draws and words all else. */

import { BASE } from "./base.js";
import { refreshed } from "./fragments.js";
import { duration } from "./wording.js";

const GROW_MS = 1_000;
const SMALLEST = 0.5; // percent; the server's as well

export class Timeline {
  /** @param {string} job the job's part of an address */
  constructor(job) {
    this.place = document.getElementById("timeline");
    this.drawing = refreshed("#timeline", `${BASE}/jobs/${job}/timeline`);
    setInterval(() => document.hidden || this.#grow(), GROW_MS);
  }

  /** Something began or ended: another drawing is due. @param {import("./job-view.js").Job} job */
  hear({ status, stalled, attempt, step, step_name }) {
    const what = [status, stalled, attempt, step, step_name].join();
    if (what !== this.what) this.drawing.ask();
    this.what = what;
  }

  #grow() {
    const list = this.place.querySelector("ol");
    const last = list?.querySelector("[data-lasts]");
    if (!last) return;
    const [start, end] = [Number(last.dataset.start), Number(last.dataset.end)];
    const now = Math.max(end, end + this.#since(list.dataset.now));
    last.lastElementChild.textContent = duration(now - start);
    for (const bar of list.querySelectorAll("rect")) {
      const span = bar.closest("li");
      const until = span === last ? now : Number(span.dataset.end);
      lay(bar, Number(span.dataset.start) / now, (until - span.dataset.start) / now);
    }
  }

  /** Seconds since the server drew this; its clock and ours need not agree. @param {string} drawn */
  #since(drawn) {
    if (drawn !== this.drawn) this.drawnAt = performance.now();
    this.drawn = drawn;
    return (performance.now() - this.drawnAt) / 1000;
  }
}

/** @param {SVGRectElement} bar @param {number} left 0-1 @param {number} width 0-1 */
function lay(bar, left, width) {
  bar.setAttribute("x", `${Math.min(100 * left, 100 - SMALLEST)}%`);
  bar.setAttribute("width", `${Math.max(100 * width, SMALLEST)}%`);
}
