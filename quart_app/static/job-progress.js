/**
 * <job-progress src="/api/jobs/ID/events">: a job's bar. At the end
 * `job-progress:end` bubbles, its `detail` the record, or null if it was deleted.
 */

const FINAL = /finished|failed|stopped|canceled/;
const streams = new Set(); // at most three of a browser's six connections to a host

const LOOK = new CSSStyleSheet();
LOOK.replaceSync(`:host(:not([hidden])) { display: grid; grid: auto / 1fr auto; gap: .25em .75em; align-items: center }
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
    Object.assign(this, { over: false, lastId: "", failures: 0 });
    if (this.isConnected) this.#listen();
  }

  #stop() {
    streams.delete(this);
    this.source?.close?.();
    clearTimeout(this.timer);
  }

  #listen() {
    this.#stop();
    const src = this.getAttribute("src");
    if (!src || this.over) return;
    if (streams.size > 2) {
      this.failures = 2; // asks every 2-6 s
      return this.#ask(this.source = { url: src });
    }
    streams.add(this);
    this.source = new EventSource(`${src}${src.includes("?") ? "&" : "?"}last_event_id=${this.lastId}`);
    for (const name of ["heartbeat", "job", "gone", "error"]) this.source.addEventListener(name, this);
    this.#wait();
  }

  handleEvent({ type, target, data, lastEventId }) {
    if (type === "error") return target.readyState > 1 && this.#ask(target);
    this.failures = 0;
    this.#wait();
    this.lastId = lastEventId || this.lastId;
    if (type === "job") this.#show(JSON.parse(data));
    if (type === "gone") this.#end(null);
  }

  // A browser gives up at any answer but 200; the record tells.
  async #ask(source) {
    this.#wait(1_000 * 2 ** Math.min(this.failures++, 4) * (0.5 + Math.random()));
    const url = source.url.replace(/\/events(\?.*)?$/, "");
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => 0);
    const job = answer.ok && (await answer.json().catch(() => 0));
    if (source !== this.source) return;
    if (job) this.#show(job);
    else if (answer.status === 404) this.#end(null);
  }

  #wait(ms = 12_500) { // 2.5 heartbeats
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#listen(), ms);
  }

  #show(job) {
    const { status } = job;
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
    this.message.textContent = job.error?.message || job.message || status;
    if (final) this.#end(job);
  }

  #end(job) {
    this.over = true;
    this.#stop();
    if (!job) this.message.textContent = this.spoken.textContent = "Deleted.";
    this.dispatchEvent(new CustomEvent("job-progress:end", { bubbles: true, detail: job }));
  }
});
