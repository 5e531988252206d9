/** A character being made: shows its job and goes on to the character when that is done. */

import { watchJob } from "./watch.js";

export function start() {
  const root = document.getElementById("job");
  watchJob(root, {
    onJob: (job) => {
      if (job.status === "finished") location.replace(root.dataset.next);
      else if (job.status === "failed") location.assign(`/jobs/${job.id}`);
    },
    onGone: () => location.assign("/characters"),
  });
}
