/**
 * What a page hears of changes: the events of the shared stream, and answers where a stream cannot
 * tell or does not work. It knows no job; the page says what it wants.
 */

import { fetchJson } from "./fetch-json.js";
import { SharedStream } from "./tab-leader.js";

/**
 * @typedef {"connecting"|"live"|"away"|"reconnecting"|"polling"|"ended"} State
 *
 * @typedef {object} Wanted
 * @property {string} [job] id of the only job that matters; a feed of one is heard also while hidden
 * @property {() => Array<[string, string]>} polls what to ask: [event that the answer stands for, address]
 * @property {(name: string, data: any) => boolean|void} onEvent true when nothing can come after
 * @property {(state: State) => void} onState
 */

const POLL_MS = 3_000;
const READ_AGAIN_MS = 2_000; // between two answers while the stream works
const OF_JOBS = ["job", "gone"];
const ODD = /[^\w-]/; // such an id may be written in another way in JSON

export class Feed {
  /** @param {Wanted} wanted */
  constructor(wanted) {
    this.wanted = wanted;
    this.tags = new Map();
    this.lastId = document.body.dataset.cursor ?? "";
    // A page that comes back from the browser's cache is visible before it is shown: then restart reads.
    document.addEventListener("visibilitychange", () => this.stale && this.shared && this.read());
    addEventListener("pageshow", (event) => event.persisted && this.state !== "ended" && this.restart());
    addEventListener("pagehide", () => this.#stop());
    this.restart();
  }

  /** Begin, or begin again, at once. */
  restart() {
    this.#stop();
    this.#tell("connecting");
    this.stopping = new AbortController();
    this.shared = new SharedStream(this.lastId, {
      onEvent: (name, text) => this.#hear(name, text),
      onState: (state) => this.#turn(state),
      onGap: () => this.read(),
      onBack: () => location.reload(), // all that this page shows may never have been
    });
    if (this.awake) this.shared.stayAwake(true);
    if (this.stale) this.read();
  }

  /** Ask for everything again, soon. */
  read() {
    this.due = true;
    this.#ask(this.stopping.signal);
  }

  /** Listen while hidden, too: a notification was asked for. @param {boolean} awake */
  stayAwake(awake) {
    this.awake = awake;
    this.shared?.stayAwake(awake);
  }

  #stop() {
    if (!this.shared) return;
    this.shared.close();
    this.lastId = this.shared.lastId;
    this.shared = null;
    this.stopping.abort();
    this.asking = this.failing = this.due = false;
  }

  /** @param {string} name @param {string} text */
  #hear(name, text) {
    const { job } = this.wanted;
    const ofJob = job && OF_JOBS.includes(name);
    if (!job && document.hidden) this.stale = true; // read when the page is visible again
    else if (!ofJob || text.includes(job) || ODD.test(job)) { // most are of other jobs and need no parsing
      const data = JSON.parse(text);
      if (!ofJob || data.id === job) this.#pass(name, data); // another job's words may name this one
    }
  }

  /** @param {string} name @param {any} data */
  #pass(name, data) {
    if (this.state === "ended") return;
    if (!this.wanted.onEvent(name, data)) return;
    this.#stop();
    this.#tell("ended");
  }

  /** @param {import("./stream.js").StreamState} state of the stream */
  #turn(state) {
    this.failing = state === "failing";
    if (!this.failing) return this.#tell(state);
    this.#tell("reconnecting"); // until there is an answer
    this.#ask(this.stopping.signal);
  }

  /** One loop of asking at a time; a stop ends it. @param {AbortSignal} signal */
  async #ask(signal) {
    if (this.asking) return;
    this.asking = true;
    while (this.due || this.failing) {
      this.due = false;
      this.stale = document.hidden && !this.wanted.job;
      const worked = this.stale || (await this.#askOnce(signal));
      if (signal.aborted) return;
      this.due ||= !worked;
      if (this.failing) this.#tell(worked ? "polling" : "reconnecting");
      await new Promise((resolve) => setTimeout(resolve, this.failing ? POLL_MS : READ_AGAIN_MS));
      if (signal.aborted) return;
    }
    this.asking = false;
  }

  /** True when every address answered. @param {AbortSignal} signal */
  async #askOnce(signal) {
    const news = await Promise.all(this.wanted.polls().map(([name, address]) => this.#news(name, address, signal)));
    if (signal.aborted || news.includes(null)) return false;
    for (const event of news) {
      if (event.length) this.#pass(...event);
    }
    return true;
  }

  /** The event an answer stands for: none when nothing changed, null when there was no answer. */
  async #news(name, address, signal) {
    const tag = this.tags.get(address);
    const answer = await fetchJson(address, { signal, headers: tag ? { "If-None-Match": tag } : {} });
    if (answer.status === 304) return [];
    if (answer.status === 404) return ["gone", { id: this.wanted.job }];
    if (answer.problem) return null;
    if (answer.tag) this.tags.set(address, answer.tag);
    return [name, answer.data];
  }

  /** @param {State} state */
  #tell(state) {
    if (state === this.state) return;
    this.state = state;
    this.wanted.onState(state);
  }
}
