/**
 * The dashboard's list of jobs: which of all changes it wants, and how it shows them. Rows are filled in
 * place, and rows come and go only while no pointer is in the list, so that nothing moves under a
 * finger, a mouse or the keyboard.
 */

import { announce } from "./announce.js";
import { BASE } from "./base.js";
import { showConnection } from "./connection.js";
import { Feed } from "./feed.js";
import { isFinal, nameOf, show } from "./job-view.js";

const MOST_ROWS = 200;
const PATIENCE_MS = 1_000; // a shorter interruption is not mentioned
const LEAVE_MS = 800; // time to go from the list to the button that tells of arrivals

/** @typedef {import("./job-view.js").Job} Job */

export class JobList {
  /**
   * @param {HTMLOListElement} list its server-rendered rows are taken over
   * @param {Record<string, (part: any) => void>} panels what shows the other parts of the page, by their names
   * @param {() => void} onEnded jobs have ended
   */
  constructor(list, panels, onEnded) {
    Object.assign(this, { list, panels, onEnded });
    const { q, ...plain } = JSON.parse(list.dataset.chosen);
    this.searches = Boolean(q);
    this.plain = Object.entries(plain);
    this.counted = document.getElementById("counts").dataset.api; // counts of all jobs are pushed instead
    /** @type {Map<string, Job|null>} changes that are not drawn yet, by job id; null: gone */
    this.changes = new Map();
    this.rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
    this.template = document.getElementById("row").content.firstElementChild;
    this.button = document.getElementById("arrivals");
    /** @type {Map<string, Job>} jobs that are in no row yet */
    this.arrivals = new Map();
    this.departures = new Set();
    this.moved = new Set();
    this.byState = "status" in JSON.parse(list.dataset.chosen);
    this.fixed = "before" in list.dataset; // an older page takes no new jobs
    this.left = -LEAVE_MS; // when the pointer or the focus left, by performance.now()
    for (const part of [list, this.button]) {
      part.addEventListener("pointerleave", () => this.#leave());
      part.addEventListener("focusout", () => this.#leave());
    }
    this.button.addEventListener("click", () => this.#settle(true));
    this.feed = new Feed({
      polls: () => this.#polls(),
      onEvent: (name, data) => this.hear(name, data),
      onState: showConnection,
    });
  }

  /** What to ask, so that the answers cover every row and every panel. */
  #polls() {
    const address = new URL(this.list.dataset.api, location);
    address.searchParams.set("limit", Math.max(this.rows.size, address.searchParams.get("limit")));
    const list = address.pathname + address.search;
    return [["list", list], ["counted", this.counted ?? `${BASE}/api/counts`], ["queues", `${BASE}/api/queues`], ["workers", `${BASE}/api/workers`]];
  }

  /** Take an event or an answer. @param {string} name @param {any} data */
  hear(name, data) {
    if (name === "job") this.#hearJob(data);
    else if (name === "gone") this.#change(data.id, null);
    else if (name === "list") this.#hearList(data);
    else if (name === "snapshot") this.#hearSnapshot(data);
    else if (name === "relay") this.#sayReason(data.reason);
    else if (name === "counted") this.panels.counts(data.counts);
    else if (name === "counts" && this.counted) this.feed.read();
    else this.panels[name](data[name]);
  }

  /** @param {Job} job */
  #hearJob(job) {
    if (isFinal(job)) this.onEnded();
    if (!this.plain.every(([name, value]) => job[name] === value)) return this.#change(job.id, null);
    if (!this.searches || this.rows.has(job.id)) this.#change(job.id, job);
    if (this.searches) this.feed.read(); // only the server searches
  }

  /** @param {{jobs: Job[], cursor: string}} page */
  #hearList(page) {
    this.onEnded(); // an answer does not tell which jobs have ended since
    this.#reset(page);
  }

  /** The newest of all jobs, and the panels. */
  #hearSnapshot({ jobs, cursor, ...panels }) {
    if (this.counted) delete panels.counts;
    if (this.searches || this.fixed || this.plain.length) this.feed.read();
    else this.#hearList({ jobs, cursor });
    if (this.rows.size > jobs.length) this.feed.read(); // of the rows below these it says nothing
    for (const [name, part] of Object.entries(panels)) this.panels[name](part);
  }

  /** Why jobs wait. @param {string|null} reason */
  #sayReason(reason) {
    clearTimeout(this.saying);
    const say = () => (document.getElementById("waits").textContent = reason ?? "");
    this.saying = setTimeout(say, reason ? PATIENCE_MS : 0);
  }

  /** Gathers changes: the newest of each job is drawn once per frame. @param {string} id @param {Job|null} job */
  #change(id, job) {
    if (!this.changes.size) requestAnimationFrame(() => this.#draw());
    this.changes.set(id, job);
  }

  #draw() {
    const { changes } = this;
    this.changes = new Map();
    for (const [id, job] of changes) {
      if (job) this.#put(job);
      else this.#drop(id);
    }
    this.#settle();
  }

  /**
   * Show these jobs: newer than every row is an arrival, a row that is missing is gone, unless the
   * row is newer than the list. @param {{jobs: Job[], cursor: string}} page
   */
  #reset({ jobs, cursor }) {
    const known = new Set(jobs.map((job) => job.id));
    const oldest = jobs.length ? this.#placeOf(jobs.at(-1)) : "";
    const seq = cursor ? Number(cursor.split(":")[1]) : Math.max(0, ...jobs.map((job) => job.seq));
    for (const [id, row] of this.rows) {
      if (!known.has(id) && row.dataset.seq <= seq && (this.fixed || placeOfRow(row) >= oldest)) this.#drop(id);
    }
    for (const [id, job] of this.arrivals) {
      if (!known.has(id) && job.seq <= seq) this.arrivals.delete(id);
    }
    for (const job of jobs) this.#put(job);
    this.#settle();
  }

  /** @param {Job} job */
  #put(job) {
    const row = this.rows.get(job.id);
    const known = row?.dataset.seq ?? this.arrivals.get(job.id)?.seq;
    if (known > job.seq) return; // an answer and an event may overtake each other
    if (row) {
      this.departures.delete(job.id);
      delete row.dataset.left;
      if (row.dataset.at !== this.#moment(job)) this.moved.add(job.id);
      row.dataset.at = this.#moment(job);
      announce(job, row.dataset.status ?? row.dataset.state);
      show(row, job);
    } else if (this.#belongs(job)) {
      announce(job, "queued");
      this.arrivals.set(job.id, job);
    }
  }

  /** By what the server sorts: in a list of one state when a job came into it. @param {Job} job */
  #moment(job) {
    return (this.byState && (job.ended_at ?? job.started_at)) || job.created_at;
  }

  /** @param {Job} job */
  #placeOf(job) {
    return `${this.#moment(job)} ${job.id}`;
  }

  /** A job older than the page's last row is on the next page. @param {Job} job */
  #belongs(job) {
    if (this.fixed) return false;
    const last = this.list.lastElementChild;
    return !("more" in this.list.dataset && last) || this.#placeOf(job) > placeOfRow(last);
  }

  /** @param {string} id */
  #drop(id) {
    this.arrivals.delete(id);
    const row = this.rows.get(id);
    if (!row) return;
    row.dataset.left = "";
    this.departures.add(id);
  }

  #leave() {
    this.left = performance.now();
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.#settle(), LEAVE_MS + 1);
  }

  /** True while the pointer or the focus is in the list, at the button, or on the way between them. */
  #busy() {
    const here = [this.list, this.button];
    if (here.some((part) => part.matches(":hover") || part.contains(document.activeElement))) return true;
    return performance.now() - this.left < LEAVE_MS;
  }

  #settle(wanted = false) {
    if (wanted || !this.#busy()) {
      for (const id of this.departures) this.#remove(id);
      this.departures.clear();
      for (const id of this.moved) if (this.rows.has(id)) this.#place(this.rows.get(id));
      this.moved.clear();
      for (const job of this.arrivals.values()) this.#insert(job);
      this.arrivals.clear();
      for (const row of [...this.list.children].slice(MOST_ROWS)) this.#remove(row.dataset.id);
    }
    const count = this.arrivals.size;
    this.button.hidden = count === 0;
    this.button.textContent = count === 1 ? "1 new job" : `${count} new jobs`;
    document.getElementById("empty").hidden = this.rows.size + count > 0;
  }

  /** @param {Job} job */
  #insert(job) {
    const row = this.template.cloneNode(true);
    row.dataset.id = job.id;
    row.dataset.at = this.#moment(job);
    row.dataset.new = "";
    row.querySelector("a").href = job.links.page;
    row.querySelector("progress").ariaLabel = nameOf(job);
    const box = row.querySelector("input");
    box.value = job.id;
    box.ariaLabel = `Select ${nameOf(job)}`;
    show(row, job);
    this.#place(row);
    this.rows.set(job.id, row);
  }

  /** @param {HTMLElement} row */
  #place(row) {
    const place = placeOfRow(row);
    const next = [...this.list.children].find((other) => other !== row && placeOfRow(other) < place);
    this.list.insertBefore(row, next ?? null);
  }

  /** @param {string} id */
  #remove(id) {
    this.rows.get(id)?.remove();
    this.rows.delete(id);
  }
}

/** Text by which rows sort as the server sorts jobs. @param {HTMLElement} row */
const placeOfRow = (row) => `${row.dataset.at} ${row.dataset.id}`;
