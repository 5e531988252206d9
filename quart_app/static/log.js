/** A job's log: grows at its end and stays there, unless the reader has scrolled up. */

import { ask, isTrouble } from "./ask.js";
import { addTools } from "./log-tools.js";
import { Turns } from "./turns.js";

const MOST_LINES = 2_000; // older ones are a link away
const NEAR_END_PX = 24;

export class Log {
  /** @param {string} job the job's part of an address */
  constructor(job) {
    this.address = `/api/jobs/${job}/log`;
    this.section = document.getElementById("log");
    this.list = document.getElementById("lines");
    this.button = document.getElementById("follow");
    this.known = this.list.lastElementChild?.value ?? 0; // number of the last line shown
    this.wanted = this.known;
    this.turns = new Turns(() => this.#read());
    this.list.addEventListener("scroll", () => { this.button.hidden = this.#atEnd(); });
    this.button.addEventListener("click", () => this.#toEnd());
    addTools(this.list);
    this.#toEnd();
  }

  /** Read what is missing up to a line. @param {number} last */
  catchUp(last) {
    this.wanted = Math.max(this.wanted, last);
    if (this.known < this.wanted) this.turns.ask();
  }

  async #read() {
    const after = Math.max(this.known, this.wanted - MOST_LINES);
    const answer = await ask(`${this.address}?after=${after}`);
    const lines = answer.data?.lines ?? [];
    if (lines.length) this.#add(lines);
    if (lines.length && this.known < this.wanted) this.turns.ask();
    return !isTrouble(answer);
  }

  /** @param {Array<{number: number, text: string}>} lines */
  #add(lines) {
    this.section.hidden = false;
    const follows = this.#atEnd();
    this.list.append(...lines.map((line) => this.#line(line)));
    while (this.list.childElementCount > MOST_LINES) this.list.firstElementChild.remove();
    if (follows) this.#toEnd();
  }

  /** @param {{number: number, text: string}} line */
  #line({ number, text }) {
    const line = document.createElement("li");
    line.value = this.known = number;
    line.textContent = text;
    return line;
  }

  #atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    if (document.activeElement === this.button) this.list.focus(); // it goes, the focus does not
    this.button.hidden = true;
  }
}
