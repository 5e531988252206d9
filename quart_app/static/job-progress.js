/**
 * <job-progress src="/api/jobs/ID/events">: a job's bar on any page.
 * Style its parts bar, percent, message and [status]. When the job ends,
 * `job-progress:end` bubbles up with its record as `detail`, or null if it was deleted.
 */

const FINAL = /^(finished|failed|stopped|canceled)$/;
const SILENCE_MS = 37_500; // 2.5 heartbeats
const RETRY_MS = 1_000;

const LOOK = new CSSStyleSheet();
LOOK.replaceSync(`:host { display: grid; grid-template-columns: 1fr auto; gap: .25em .75em; align-items: center }
:host([hidden]) { display: none }
progress { width: 100% }
[part=message] { grid-column: 1 / -1; overflow-wrap: anywhere }
[role=status] { position: absolute; clip-path: inset(50%) }`);

customElements.define("job-progress", class extends HTMLElement {
  static observedAttributes = ["src"];

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [LOOK];
    const add = (name, traits) => root.appendChild(Object.assign(document.createElement(name), traits));
    this.bar = add("progress", { part: "bar", max: 100 });
    this.percent = add("span", { part: "percent" });
    this.message = add("span", { part: "message" });
    this.spoken = add("span", { role: "status" });
  }

  connectedCallback() {
    if (!this.source) this.#listen();
  }

  disconnectedCallback() {
    this.source = this.#stop();
  }

  attributeChangedCallback() {
    this.removeAttribute("status");
    this.over = false;
    this.lastId = "";
    this.failures = 0;
    if (this.isConnected) this.#listen();
  }

  #stop() {
    this.source?.close();
    clearTimeout(this.timer);
  }

  #listen() {
    this.#stop();
    const src = this.getAttribute("src");
    if (!src || this.over) return;
    const address = new URL(src, document.baseURI);
    if (this.lastId) address.searchParams.set("last_event_id", this.lastId);
    this.source = new EventSource(address);
    for (const name of ["heartbeat", "job", "gone", "error"]) this.source.addEventListener(name, this);
    this.#wait(SILENCE_MS);
  }

  handleEvent({ type, target, data, lastEventId }) {
    if (type === "error") return target.readyState === target.CLOSED && this.#ask(target);
    this.failures = 0;
    this.#wait(SILENCE_MS);
    this.lastId = lastEventId || this.lastId;
    if (type === "job") this.#show(JSON.parse(data));
    if (type === "gone") this.#end(null);
  }

  /** A browser gives up at any answer but 200; the record tells why. */
  async #ask(source) {
    this.#wait(RETRY_MS * 2 ** Math.min(this.failures++, 4) * (0.5 + Math.random()));
    const answer = await fetch(source.url.replace(/\/events(\?.*)?$/, "")).catch(() => ({}));
    const job = answer.ok && (await answer.json().catch(() => null));
    if (source !== this.source) return;
    if (job) this.#show(job);
    else if (answer.status === 404) this.#end(null);
  }

  #wait(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#listen(), milliseconds);
  }

  #show(job) {
    const { status, message, error } = job;
    const name = job.title || job.kind;
    const final = FINAL.test(status);
    const turn = status !== this.getAttribute("status") && (final || status === "started");
    if (turn) this.spoken.textContent = `${name} ${status}`;
    this.setAttribute("status", status);
    this.bar.ariaLabel = name;
    const progress = status === "finished" ? 100 : job.progress;
    this.bar.value = progress ?? 0;
    if (progress === null && status === "started") this.bar.removeAttribute("value");
    this.percent.textContent = progress === null ? "" : `${Math.floor(progress)}%`;
    this.message.textContent = error?.message || message || status;
    if (final) this.#end(job);
  }

  #end(job) {
    this.over = true;
    this.#stop();
    if (!job) this.message.textContent = this.spoken.textContent = "Deleted.";
    this.dispatchEvent(new CustomEvent("job-progress:end", { bubbles: true, detail: job }));
  }
});
