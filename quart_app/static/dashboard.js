/** The dashboard, live: its list of jobs, the panels beside it, and the chart of the last hour. */

import * as bulk from "./bulk.js";
import { JobList } from "./joblist.js";
import * as hour from "./last-hour.js";
import { showCounts, showQueues, showWorkers } from "./panels.js";

export function start() {
  bulk.start();
  const panels = { counts: showCounts, queues: showQueues, workers: showWorkers };
  new JobList(document.getElementById("jobs"), panels, hour.start());
}
