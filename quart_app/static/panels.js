/** The dashboard's counts, queues and workers; parts/panels.html draws the same shape. */

import { duration, number } from "./wording.js";

const NO_QUEUES = "Nothing waits and nothing runs.";
const NO_WORKERS = "No worker has been heard of. Queued jobs wait until one starts.";

/** @param {Record<string, number>} counts by status */
export function showCounts(counts) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const link of document.getElementById("counts").children) {
    const count = { ...counts, all }[link.dataset.state] ?? 0;
    const words = number(count);
    const figure = link.firstElementChild;
    if (figure.textContent !== words) figure.textContent = words;
    link.toggleAttribute("data-zero", count === 0);
  }
}

/** @param {Array<{name: string, depth: number, started: number, oldest_wait_seconds: number|null}>} queues */
export function showQueues(queues) {
  replace("queues", NO_QUEUES, queues.map((queue) => {
    const item = document.createElement("li");
    const link = `/?queue=${encodeURIComponent(queue.name)}`;
    item.append(element("a", queue.name, link), element("span", queueLine(queue)));
    return item;
  }));
}

function queueLine(queue) {
  const line = `${number(queue.depth)} waiting, ${number(queue.started)} started`;
  const oldest = queue.oldest_wait_seconds;
  return oldest === null ? line : `${line}, oldest ${duration(Math.round(oldest))}`;
}

/** @param {Array<{name: string, state: string, queue: string, current_job: string|null}>} workers */
export function showWorkers(workers) {
  replace("workers", NO_WORKERS, workers.map((worker) => {
    const item = document.createElement("li");
    item.dataset.worker = worker.state;
    const job = worker.current_job;
    const state = job ? element("a", worker.state, `/jobs/${job}`) : element("span", worker.state);
    item.append(element("b", worker.name), state, element("span", worker.queue));
    return item;
  }));
}

/** Keep nodes that say the same, so that focus and selection stay. @param {HTMLElement[]} items */
function replace(id, nothing, items) {
  const panel = document.getElementById(id);
  if (panel.contains(document.activeElement)) return;
  if (!items.length) {
    items.push(document.createElement("li"));
    items[0].append(element("span", nothing));
  }
  const kept = [...panel.children];
  panel.replaceChildren(...items.map((item) => kept.find((old) => old.isEqualNode(item)) ?? item));
}

function element(name, text, href) {
  const made = document.createElement(name);
  made.textContent = text;
  if (href) made.href = href;
  return made;
}
