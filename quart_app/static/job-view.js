/**
 * Shows one job in whatever element has its slots: a row, a job's page, a story's head.
 * The server's pages/job_wording.py words the same things the same way.
 */

import { setTime } from "./wording.js";
import { elapsed, roughly } from "./wording.js";

/**
 * @typedef {{stream: string, at: string, text: string}} OpenLine a line of the log that may change yet
 * @typedef {object} Job A record as the API and the events carry it.
 * @property {string} id @property {string} kind @property {string} title @property {string} status
 * @property {number|null} progress @property {string} message @property {boolean} stalled
 * @property {number|null} step @property {number|null} steps @property {string|null} step_name
 * @property {number|null} eta_seconds @property {number} attempt @property {number} max_attempts
 * @property {number} log_lines @property {OpenLine[]} open_lines @property {string|null} run_at
 * @property {{type: string, message: string}|null} error
 * @property {string} created_at @property {string|null} started_at @property {string|null} ended_at
 */

const FINAL = new Set(["finished", "failed", "stopped", "canceled"]);
const WAITING_WORDS = {
  queued: "Waiting for a worker",
  deferred: "Waiting for another job",
  scheduled: "Waiting for its start time",
};

/** @param {Job} job */
export const isFinal = (job) => FINAL.has(job.status);

/** @param {Job} job */
export const nameOf = (job) => job.title || job.kind;

/** Whole percent, never rounded up to 100; nothing while it is unknown. @param {Job} job */
export function percent(job) {
  if (job.status === "finished") return "100%";
  return job.progress === null ? "" : `${Math.floor(job.progress)}%`;
}

/** @param {Job} job */
export function headline(job) {
  if (["failed", "stopped"].includes(job.status) && job.error) return job.error.message || job.error.type;
  return job.message || WAITING_WORDS[job.status] || "";
}

/** @param {Job} job */
function detail(job) {
  const parts = [];
  if (job.status === "started") {
    if (job.stalled) parts.push("its worker stopped responding");
    if (job.eta_seconds !== null) parts.push(`about ${roughly(job.eta_seconds)} left`);
    parts.push(step(job));
  } else if (isFinal(job) && job.started_at) {
    parts.push(`took ${elapsed(job.started_at, job.ended_at)}`);
  }
  if (job.attempt > 1) parts.push(`attempt ${job.attempt}`);
  return parts.filter(Boolean).join(" · ");
}

/** The state by which a job is drawn. @param {Job} job */
const look = (job) => (job.stalled ? "stalled" : job.status);

/** Since when the job is in its state, or when it will begin. @param {Job} job */
const moment = (job) =>
  (job.status === "scheduled" && job.run_at) || (job.ended_at ?? job.started_at ?? job.created_at);

/** @param {Job} job */
function attempt(job) {
  const most = Math.max(job.max_attempts, job.attempt);
  return most > 1 ? `· attempt ${job.attempt} of ${most}` : "";
}

/** @param {Job} job */
function step(job) {
  if (job.step === null) return job.step_name ?? "";
  const count = `step ${job.step}${job.steps ? ` of ${job.steps}` : ""}`;
  return job.step_name ? `${job.step_name}, ${count}` : count;
}

/** @param {HTMLElement} root an element with data-slot children @param {Job} job */
export function show(root, job) {
  mark(root, "state", look(job));
  mark(root, "status", job.status);
  mark(root, "seq", String(job.seq));
  for (const slot of root.querySelectorAll("[data-slot]")) FILL[slot.dataset.slot](slot, job);
}

const FILL = {
  title: (slot, job) => say(slot, nameOf(job)),
  state: (slot, job) => say(slot, look(job)),
  attempt: (slot, job) => say(slot, attempt(job)),
  percent: (slot, job) => say(slot, percent(job)),
  message: (slot, job) => say(slot, headline(job)),
  detail: (slot, job) => say(slot, detail(job)),
  age: (slot, job) => setTime(slot, moment(job), job.status === "scheduled"),
  bar: fillBar,
};

/** @param {HTMLProgressElement} bar @param {Job} job */
function fillBar(bar, job) {
  if (job.progress === null && job.status === "started") bar.removeAttribute("value");
  else bar.value = job.status === "finished" ? bar.max : job.progress ?? 0;
}

/** An attribute that is set has the browser look for styles again, whether it changed or not. */
function mark(root, name, value) {
  if (root.dataset[name] !== value) root.dataset[name] = value;
}

/** Change text only where it changed, so that a selection or a reader is not disturbed. */
function say(slot, words) {
  if (slot.textContent === words) return;
  if (slot.firstChild) slot.firstChild.data = words; // half the work of another text node
  else slot.textContent = words;
}
