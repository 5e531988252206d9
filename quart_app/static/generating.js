/** A character being made: shows its job and goes on to the character when that is done. */

import { isFinal } from "./job-view.js";
import { watchJob } from "./watch.js";

export function start() {
  const root = document.getElementById("job");
  watchJob(root, {
    onJob: (job) => {
      if (isFinal(job)) location.replace(root.dataset.next); // there it says how it ended
    },
    onGone: () => location.assign("/characters"),
  });
}
