/** A job's log: grows at its end and stays there, unless the reader has scrolled up; can be wrapped and copied. */

import { BASE } from "./base.js";
import { fetchJson, isTrouble } from "./fetch-json.js";
import { Coalesced } from "./coalesce.js";
import { recall, remember } from "./preferences.js";
import { exact } from "./wording.js";

/** @typedef {{number: number, at: string, text: string, stream: ?string}} Line */

const MOST_LINES = 2_000; // older ones are a link away
const NEAR_END_PX = 24;
const UNWRAPPED = ["localStorage", "headway-log-unwrapped"]; // who reads tables reads them in every log

export class Log {
  /** @param {string} job the job's part of an address */
  constructor(job) {
    this.address = `${BASE}/api/jobs/${job}/log`;
    this.section = document.getElementById("log");
    this.list = document.getElementById("lines");
    this.button = document.getElementById("follow");
    this.known = this.list.lastElementChild?.value ?? 0; // number of the last line shown
    this.wanted = this.known;
    this.turns = new Coalesced(() => this.#read());
    this.list.addEventListener("scroll", () => { this.button.hidden = this.#atEnd(); });
    this.button.addEventListener("click", () => this.#toEnd());
    for (const line of this.list.children) showOrigin(line); // the server knows no zone
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
    const answer = await fetchJson(`${this.address}?after=${after}`);
    const lines = answer.data?.lines ?? [];
    if (lines.length) this.#add(lines);
    if (lines.length && this.known < this.wanted) this.turns.ask();
    return !isTrouble(answer);
  }

  /** @param {Array<Line>} lines */
  #add(lines) {
    this.section.hidden = false;
    const follows = this.#atEnd();
    this.list.append(...lines.map((line) => this.#line(line)));
    while (this.list.childElementCount > MOST_LINES) this.list.firstElementChild.remove();
    if (follows) this.#toEnd();
  }

  /** @param {Line} line */
  #line({ number, at, text, stream }) {
    const line = document.createElement("li");
    line.value = this.known = number;
    line.textContent = text;
    line.dataset.at = at;
    if (stream) line.dataset.stream = stream;
    showOrigin(line);
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

/** Says on hovering when and where a line was written. @param {HTMLElement} line */
function showOrigin(line) {
  const { at, stream } = line.dataset;
  line.title = [exact(at), stream].filter(Boolean).join(" · ");
}

/** Buttons that wrap the lines and copy them. @param {HTMLElement} list the log's lines */
function addTools(list) {
  const wrap = document.getElementById("wrap");
  const copy = document.getElementById("copy");
  const set = (wrapped) => {
    list.toggleAttribute("data-unwrapped", !wrapped);
    wrap.ariaPressed = String(wrapped);
  };
  set(!recall(...UNWRAPPED));
  wrap.addEventListener("click", () => {
    const wrapped = wrap.ariaPressed !== "true";
    remember(...UNWRAPPED, !wrapped);
    set(wrapped);
  });
  copy.addEventListener("click", () => copyLines(list));
  wrap.hidden = copy.hidden = false;
}

/** @param {HTMLElement} list */
async function copyLines(list) {
  const lines = [...list.children].map((line) => line.textContent);
  const first = list.firstElementChild?.value ?? 1;
  const whole = first === 1 ? "" : `, from line ${first} on; Download has more`;
  try {
    await navigator.clipboard.writeText(`${lines.join("\n")}\n`);
    say(`Copied ${lines.length} ${lines.length === 1 ? "line" : "lines"}${whole}.`);
  } catch {
    getSelection().selectAllChildren(list); // no clipboard on plain http:// to another machine
    say("This browser does not allow copying here. The lines are selected: press Ctrl+C.");
  }
}

/** @param {string} words */
function say(words) {
  document.getElementById("log-said").textContent = words;
}
