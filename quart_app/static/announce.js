/** Tells screen readers of starts and ends, never of percents, and gathers what comes together. */

import { isFinal, nameOf } from "./job-view.js";

const GATHER_MS = 2_000;
const NAMED = 3; // more jobs than this are counted, not named

/** @type {Map<string, import("./job-view.js").Job>} */
const news = new Map();

/** @param {import("./job-view.js").Job} job @param {string|undefined} before its status until now */
export function announce(job, before) {
  if (job.status === before || !(isFinal(job) || job.status === "started")) return;
  if (!news.size) setTimeout(speak, GATHER_MS);
  news.set(job.id, job);
}

function speak() {
  const jobs = [...news.values()];
  news.clear();
  document.getElementById("announce").textContent = jobs.length > NAMED ? counted(jobs) : jobs.map(named).join(". ");
}

function named(job) {
  const reason = job.status === "failed" ? `: ${job.error?.message ?? ""}` : "";
  return `${nameOf(job)} ${job.status}${reason}`;
}

function counted(jobs) {
  const counts = {};
  for (const { status } of jobs) counts[status] = (counts[status] ?? 0) + 1;
  return Object.entries(counts).map(([status, count]) => `${count} ${count === 1 ? "job" : "jobs"} ${status}`).join(", ");
}
