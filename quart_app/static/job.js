/** A job's page, live: its state in place, its log as it grows, the rest reloaded when the state changes. */

import { refreshed } from "./fragments.js";
import { enhanceForms } from "./forms.js";
import { Log } from "./log.js";
import { Notifications } from "./notifications.js";
import { Timeline } from "./timeline.js";
import { watchJob } from "./watch.js";

export function start() {
  const root = document.getElementById("job");
  const parts = refreshed("[data-fragment]");
  const log = new Log(root.dataset.part);
  const timeline = new Timeline(root.dataset.part);
  let { status, attempt } = root.dataset;
  const feed = watchJob(root, {
    onJob(job) {
      log.hear(job);
      teller.hear(job);
      timeline.hear(job);
      // A quick attempt may end as the last one did before anything of it was heard.
      if (job.status !== status || job.attempt !== Number(attempt)) parts.ask();
      ({ status, attempt } = job);
    },
    onHindrance: () => ["queued", "scheduled"].includes(status) && parts.ask(),
  });
  const teller = new Notifications(root.dataset, feed);
  enhanceForms(root, () => parts.ask());
}
