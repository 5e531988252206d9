/**
 * A character being made: shows its job and goes on to the character when that is done; and a character
 * without a portrait, where the job may be tried again elsewhere.
 */

import { refreshed } from "../fragments.js";
import { isFinal } from "../job-view.js";
import { watchJob } from "../watch.js";

export function start() {
  const root = document.getElementById("job");
  if (!root) return;
  const parts = refreshed("[data-fragment]");
  const { next } = root.dataset;
  // What a person has typed on the character's page stays; the other page has only the job.
  const turn = () => (next ? location.replace(next) : parts.ask());
  let { status } = root.dataset;
  watchJob(root, {
    onJob(job) {
      if (next ? isFinal(job) : job.status !== status) turn();
      ({ status } = job);
    },
    onGone: turn,
  });
}
