/** A job's page, live: its state in place, its log as it grows, the rest anew when the state changes. */

import { adopt } from "./adopt.js";
import { enhanceForms } from "./forms.js";
import { Log } from "./log.js";
import { watchJob } from "./watch.js";

export function start() {
  const root = document.getElementById("job");
  const log = new Log(root.dataset.id);
  const feed = watchJob(root, {
    onJob(job, before) {
      log.catchUp(job.log_lines);
      if (job.status !== before) adopt();
    },
    onGone: () => location.assign("/"),
  });
  enhanceForms(root, () => {
    adopt();
    if (feed.state === "ended") feed.restart();
  });
}
