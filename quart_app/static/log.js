/** A job's log: grows at its end and stays there, unless the reader has scrolled up; can be wrapped and copied. */

import { BASE } from "./base.js";
import { fetchJson, isTrouble } from "./fetch-json.js";
import { Coalesced } from "./coalesce.js";
import { recall, remember } from "./preferences.js";
import { exact } from "./wording.js";

/**
 * @typedef {import("./job-view.js").Job} Job
 * @typedef {{number: number, at: string, text: string, stream: ?string}} Line
 */

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
    this.known = [...this.list.children].findLast((line) => !isOpen(line))?.value ?? 0; // the last that is shown whole
    this.wanted = this.known;
    this.open = []; // lines that have not ended yet
    this.turns = new Coalesced(() => this.#read());
    this.list.addEventListener("scroll", () => { this.button.hidden = this.#atEnd(); });
    this.button.addEventListener("click", () => this.#toEnd());
    for (const line of this.list.children) showOrigin(line); // the server knows no zone
    addTools(this.list);
    this.#toEnd();
  }

  /** Show lines that change, and read those that are missing. @param {Job} job */
  hear(job) {
    this.wanted = Math.max(this.wanted, job.log_lines);
    this.open = job.open_lines;
    if (this.known < this.wanted) this.turns.ask(); // what was open may be among them
    else this.#follow(() => this.#drawOpen());
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
    this.#follow(() => {
      const firstOpen = [...this.list.children].find(isOpen) ?? null;
      for (const line of lines) this.list.insertBefore(filled(document.createElement("li"), line), firstOpen);
      this.known = lines.at(-1).number;
      while (this.list.childElementCount > MOST_LINES) this.list.firstElementChild.remove();
      if (this.known >= this.wanted) this.#drawOpen();
    });
  }

  #drawOpen() {
    const shown = [...this.list.children].filter(isOpen);
    for (const [place, line] of this.open.entries()) {
      const item = shown.shift() ?? this.list.appendChild(document.createElement("li"));
      item.toggleAttribute("data-open", true);
      filled(item, { ...line, number: this.known + 1 + place });
    }
    for (const item of shown) item.remove();
  }

  /** @param {() => void} change of the lines; the end stays in view if it was */
  #follow(change) {
    const follows = this.#atEnd();
    change();
    this.section.hidden &&= !this.list.childElementCount;
    if (follows) this.#toEnd();
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

/** @param {HTMLElement} item */
const isOpen = (item) => item.hasAttribute("data-open");

/** @param {HTMLLIElement} item @param {Line} line */
function filled(item, { number, at, text, stream }) {
  item.value = number;
  if (item.textContent !== text) item.textContent = text;
  item.dataset.at = at;
  if (stream) item.dataset.stream = stream;
  showOrigin(item);
  return item;
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
