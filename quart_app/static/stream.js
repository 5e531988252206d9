/**
 * One EventSource, kept alive. It knows nothing of jobs, of the page, or of who else listens.
 *
 * A browser gives an EventSource up for ever at any answer but 200, and a phone drops its socket
 * without a word; so what was closed is rebuilt, and what is silent is distrusted.
 */

/**
 * @typedef {"connecting"|"live"|"away"|"reconnecting"|"failing"} StreamState
 * `away`: live, but the server has lost Redis and looks into its store instead.
 * `failing`: for so long, or in such a way, that it is time to ask instead of listening.
 */

const HEARTBEAT_MS = 5_000; // the server's promise
const SILENCE_MS = 2 * HEARTBEAT_MS; // longer silence is a dead connection
const EVENTS = ["snapshot", "job", "gone", "counts", "queues", "workers", "relay"];
const WATCH_MS = 1_000;
const OPENING_MS = 10_000; // a connection over the browser's limit hangs without an error
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 30_000;
const TRIES = 3; // failures in a row until it is time to ask instead

export class Stream {
  /**
   * @param {string} address @param {string} lastId id of the last change that is known
   * @param {(name: string, text: string, id: string) => void} onEvent
   * @param {(state: StreamState) => void} onState
   */
  constructor(address, lastId, onEvent, onState) {
    Object.assign(this, { address, lastId, onEvent, onState, failures: 0 });
    this.watchdog = setInterval(() => this.#watch(), WATCH_MS);
    this.#tell("connecting");
    this.#connect();
  }

  /** Stop for good. May be called twice. */
  close() {
    this.source?.close();
    clearTimeout(this.retry);
    clearInterval(this.watchdog);
  }

  /** Back in sight or on the network: do not wait for the watchdog. */
  check() {
    if (["live", "away"].includes(this.state) && Date.now() - this.heard < 1.2 * HEARTBEAT_MS) return;
    this.failures = 0;
    this.#connect();
  }

  /** The browser says that the network is gone; whatever still comes says that it is not. */
  doubt() {
    this.#tell("reconnecting");
  }

  #connect() {
    clearTimeout(this.retry);
    this.source?.close();
    const address = new URL(this.address, location.href);
    if (this.lastId) address.searchParams.set("last_event_id", this.lastId);
    this.heard = Date.now();
    this.opened = false;
    const source = (this.source = new EventSource(address));
    for (const name of [...EVENTS, "heartbeat"]) {
      source.addEventListener(name, (event) => this.#hear(name, event));
    }
    source.onopen = () => {
      this.heard = Date.now();
      this.opened = true; // and live with the first event: a gateway may open a stream that no server feeds
    };
    source.onerror = () => this.#fail(source.readyState === EventSource.CLOSED);
  }

  /** @param {string} name @param {MessageEvent} event */
  #hear(name, event) {
    this.heard = Date.now();
    this.failures = 0;
    const id = name === "snapshot" ? JSON.parse(event.data).cursor : event.lastEventId;
    this.lastId = id || this.lastId;
    if (name === "relay") this.away = JSON.parse(event.data).redis === "away";
    this.#tell(this.away ? "away" : "live");
    if (EVENTS.includes(name)) this.onEvent(name, event.data, this.lastId);
  }

  /** @param {boolean} closed true when the browser will not try again by itself */
  #fail(closed) {
    this.failures += 1;
    this.away = false;
    this.opened = false;
    this.heard = Date.now();
    if (closed) {
      this.source?.close();
      const pause = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (this.failures - 1));
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.#connect(), pause * (0.5 + Math.random() / 2));
    }
    // The browser does not say why a stream was refused; only asking can tell.
    if (closed || this.failures >= TRIES) this.#tell("failing");
    else if (this.state !== "failing") this.#tell("reconnecting");
  }

  #watch() {
    if (this.source?.readyState === EventSource.CLOSED) return;
    const limit = this.opened ? SILENCE_MS : OPENING_MS;
    if (Date.now() - this.heard > limit) this.#fail(true);
  }

  /** @param {StreamState} state */
  #tell(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
