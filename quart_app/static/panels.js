/** The dashboard's counts, queues and workers; parts/panels.html draws the same shape. */

import { BASE } from "./base.js";
import { patch } from "./patch.js";
import { duration, number, size } from "./wording.js";

const NO_QUEUES = "No jobs are waiting or running.";
const NO_WORKERS = "No workers are running. Queued jobs wait until one starts.";
const SHOWN_WORKERS = 6; // rows

/** @param {Record<string, number>} counts by status */
export function showCounts(counts) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const link of document.getElementById("counts").children) {
    const count = { ...counts, all }[link.dataset.state] ?? 0;
    const words = number(count);
    const figure = link.querySelector("b");
    if (figure && figure.textContent !== words) figure.textContent = words;
    link.toggleAttribute("data-zero", count === 0);
  }
}

/**
 * @typedef {{name: string, depth: number, started: number, oldest_wait_seconds: number|null, ended_per_minute: number, waits_for: {reason: string}|null}} Queue
 * @param {Queue[]} queues
 */
export function showQueues(queues) {
  showPanel("queues", NO_QUEUES, queues.map((queue) => {
    const name = element("a", queue.name, `${BASE}/?queue=${encodeURIComponent(queue.name)}`);
    return row(queue, name, [queueLine(queue)]);
  }));
}

/** @param {Queue} queue */
function queueLine(queue) {
  const line = `${number(queue.depth)} waiting, ${number(queue.started)} started`;
  const oldest = queue.oldest_wait_seconds;
  if (oldest === null) return line;
  const said = queue.waits_for ? `. ${queue.waits_for.reason}` : "";
  return `${line}, oldest ${duration(Math.round(oldest))}${said}`;
}

/**
 * @typedef {{name: string, state: string, queue: string, links: {job: string|null}, memory_bytes: number|null, ended_per_minute: number}} Worker
 * @param {Worker[]} workers
 */
export function showWorkers(workers) {
  const idle = workers.filter(({ state }) => state === "idle");
  const folded = new Set(idle.slice(Math.max(0, SHOWN_WORKERS - (workers.length - idle.length))));
  const shown = workers.filter((worker) => !folded.has(worker));
  showPanel("workers", NO_WORKERS, shown.map(workerRow), [more([...folded])]);
}

/** @param {Worker} worker */
function workerRow(worker) {
  const { job } = worker.links;
  const state = job ? element("a", worker.state, job) : element("span", worker.state);
  const memory = worker.memory_bytes === null ? "" : ` · ${size(worker.memory_bytes)}`;
  const item = row(worker, element("b", worker.name), [state, ` · ${worker.queue}${memory}`]);
  item.dataset.worker = worker.state;
  return item;
}

/** Hidden, not left out, when it is empty: a panel that was open stays open. @param {Worker[]} workers */
function more(workers) {
  const item = document.createElement("li");
  item.hidden = !workers.length;
  const list = document.createElement("ul");
  list.append(...workers.map(workerRow));
  const fold = document.createElement("details");
  const count = `${number(workers.length)} more idle worker${workers.length === 1 ? "" : "s"}`;
  fold.append(element("summary", count), list);
  item.append(fold);
  return item;
}

/** @param {Queue|Worker} of @param {HTMLElement} name @param {Array<string|HTMLElement>} words */
function row(of, name, words) {
  const item = document.createElement("li");
  item.dataset.key = of.name;
  const line = document.createElement("p");
  line.append(...words);
  const pace = of.ended_per_minute ? `${number(of.ended_per_minute)} a minute` : "";
  item.append(name, element("span", pace), line);
  return item;
}

/**
 * Rows come and go only while neither pointer nor focus is in the panel; until then what
 * the rows say changes where they are. @param {HTMLElement[]} items @param {HTMLElement[]} [below]
 */
function showPanel(id, nothing, items, below = []) {
  const panel = document.getElementById(id);
  if (!items.length) {
    items.push(element("li", nothing));
    items[0].dataset.key = "";
  }
  const fresh = panel.cloneNode();
  fresh.append(...items, ...below);
  const rows = rowsByKey(panel);
  const wanted = rowsByKey(fresh);
  const busy = panel.matches(":hover") || panel.querySelector("a:focus");
  if (!busy || [...rows.keys()].join("\n") === [...wanted.keys()].join("\n")) return patch(panel, fresh);
  for (const [key, item] of wanted) if (rows.has(key)) patch(rows.get(key), item);
}

/** @param {HTMLElement} panel @returns {Map<string, HTMLElement>} */
const rowsByKey = (panel) => new Map([...panel.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row]));

function element(name, text, href) {
  const made = document.createElement(name);
  made.textContent = text;
  if (href) made.href = href;
  return made;
}
