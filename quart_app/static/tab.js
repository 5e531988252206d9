/** A job's progress where it can be seen from another tab: the window's title and its icon. */

import { isFinal, nameOf, percent } from "./job-view.js";

const SIZE = 32; // pixels of the icon
const MIDDLE = SIZE / 2;
const ICON_STEP = 5; // percent between two drawings of the icon

let drawn = "";

/** @param {import("./job-view.js").Job} job */
export function showInTab(job) {
  const progress = (job.status === "started" && percent(job)) || job.status;
  document.title = `${progress} · ${nameOf(job)} · Headway`;
  const part = isFinal(job) ? 100 : Math.floor((job.progress ?? 0) / ICON_STEP) * ICON_STEP;
  const wanted = `${part} ${job.status === "failed"}`;
  if (wanted !== drawn) document.querySelector("link[rel=icon]").href = icon(part / 100, job.status === "failed");
  drawn = wanted;
}

/** A ring filled from the top. @param {number} part 0-1 @param {boolean} failed */
function icon(part, failed) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  pen.lineWidth = 6;
  for (const [colour, share] of [["#8fa3a6", 1], [failed ? "#d8453b" : "#1590ae", part]]) {
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.arc(MIDDLE, MIDDLE, MIDDLE - 4, -Math.PI / 2, Math.PI * (2 * share - 0.5));
    if (share) pen.stroke();
  }
  return canvas.toDataURL();
}
