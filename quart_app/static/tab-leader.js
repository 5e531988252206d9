/**
 * The one stream of this browser. The tab that holds the lock reads it and passes every event on to
 * the others, because a browser opens six connections to a host and a seventh tab would hear nothing.
 * It knows no job and no page.
 *
 * Who holds the lock is the browser's business: a tab that closes or crashes lets go of it. A tab that
 * only hangs is asked, and if it does not answer the lock is taken from it.
 */

import { BASE } from "./base.js";
import { Stream } from "./stream.js";

/** @typedef {import("./stream.js").StreamState} StreamState */

const ADDRESS = `${BASE}/api/events`;
const NAME = `headway-2${BASE}`; // of lock and channel; another number when the messages change
const WATCH_MS = 2_000; // the tab that reads says so as often, unless it is hidden and slowed down
const SILENCE_MS = 4_000; // then it is asked
const ANSWER_MS = 3_000; // a tab that is asked and says nothing for so long does hang
const AWAY_MS = 5 * 60_000; // hidden for longer: no stream is kept open for this tab
const AWAY_ALONE_MS = 5_000; // the same where every tab has a stream of its own

/**
 * @typedef {object} Listener
 * @property {(name: string, text: string) => void} onEvent
 * @property {(state: StreamState) => void} onState
 * @property {() => void} onGap events may have been missed: ask
 * @property {() => void} onBack an older store took the place of the one announced before
 */

export class SharedStream {
  /** @param {string} lastId id of the last change this tab shows @param {Listener} listener */
  constructor(lastId, listener) {
    this.lastId = lastId;
    this.listener = listener;
    this.awake = false; // true: wanted also while hidden
    // Locks are missing on plain http:// to another machine; then each tab has a stream of its own.
    this.channel = navigator.locks && self.BroadcastChannel ? new BroadcastChannel(NAME) : null;
    if (this.channel) this.channel.onmessage = ({ data }) => this.#receive(data);
    this.ears = new AbortController();
    const { signal } = this.ears;
    document.addEventListener("visibilitychange", () => this.#turn(), { signal });
    addEventListener("online", () => this.stream?.check(), { signal });
    addEventListener("offline", () => this.stream?.doubt(), { signal });
    this.watchdog = setInterval(() => this.#watch(), WATCH_MS);
    this.#turn();
  }

  /** Stop for good. May be called twice. */
  close() {
    this.ears.abort();
    this.term?.abort();
    clearTimeout(this.away);
    clearInterval(this.watchdog);
    this.#alone();
  }

  #alone() {
    this.channel?.close();
    this.channel = null;
  }

  /** Be heard of also while hidden, or no longer. @param {boolean} awake */
  stayAwake(awake) {
    if (awake === this.awake) return;
    this.awake = awake;
    this.#turn();
  }

  #turn() {
    clearTimeout(this.away);
    const hidden = document.hidden && !this.awake;
    if (hidden) this.away = setTimeout(() => this.#rest(), this.channel ? AWAY_MS : AWAY_ALONE_MS);
    else if (!this.term || this.term.signal.aborted) this.#stand();
    else this.stream?.check();
  }

  #rest() {
    this.term?.abort();
    this.listener.onState("connecting"); // also after a failed stream: no tab is asking in the meantime
  }

  /** Ask for the lock, and meanwhile whether another tab has it. @param {boolean} [steal] */
  async #stand(steal = false) {
    const { signal } = (this.term = new AbortController());
    this.met = false;
    this.heard = Date.now();
    if (!this.channel) return this.#lead(signal);
    this.#hail();
    try {
      await navigator.locks.request(NAME, steal ? { steal } : { signal }, () => this.#lead(signal));
    } catch (error) {
      if (signal.aborted) return;
      this.term.abort();
      if (error.name !== "AbortError") this.#alone(); // no locks for this page
      this.#stand(); // or another tab thought that this one hangs
    }
  }

  /** Read the stream for all until told to stop. @param {AbortSignal} signal */
  #lead(signal) {
    if (signal.aborted) return;
    this.#say({ state: "connecting", from: this.lastId });
    const { listener } = this;
    const stream = new Stream(ADDRESS, this.lastId, (name, text, id) => {
      this.#say({ name, text, id });
      this.#pass(name, text, id);
    }, (state) => {
      this.#say({ state });
      listener.onState(state);
    });
    this.stream = stream;
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        stream.close();
        this.stream = null;
        resolve();
      });
    });
  }

  /** @param {{hail?: true, state?: StreamState, from?: string, name?: string, text?: string, id?: string}} message */
  #receive(message) {
    if (message.hail && this.stream) this.#say({ state: this.stream.state });
    if (message.hail || this.stream) return;
    this.heard = Date.now();
    this.hailed = 0;
    const missed = message.from !== undefined && message.from !== this.lastId;
    if (!this.met || missed) this.listener.onGap();
    this.met = true;
    this.lastId = message.from ?? this.lastId;
    if (message.state) this.listener.onState(message.state);
    else this.#pass(message.name, message.text, message.id);
  }

  /** A snapshot says where its store is; an id of something else may come again. */
  #pass(name, text, id) {
    const back = name === "snapshot" && isBack(id, this.lastId);
    this.lastId = id;
    if (back) this.listener.onBack();
    else this.listener.onEvent(name, text);
  }

  #watch() {
    if (this.stream) return this.#say({ state: this.stream.state });
    if (!this.channel || document.hidden || !this.term || this.term.signal.aborted) return;
    if (this.hailed && Date.now() - this.hailed > ANSWER_MS) {
      this.hailed = 0;
      this.term.abort();
      this.#stand(true);
    } else if (!this.hailed && Date.now() - this.heard > SILENCE_MS) this.#hail();
  }

  #hail() {
    this.hailed = Date.now();
    this.#say({ hail: true });
  }

  #say(message) {
    this.channel?.postMessage(message);
  }
}

/** @param {string} id as epoch:seq @param {string} known the same, or nothing */
function isBack(id, known) {
  const [[epoch, seq], [was, had]] = [id, known].map((text) => text.split(":"));
  return known !== "" && (epoch !== was || Number(seq) < Number(had));
}
