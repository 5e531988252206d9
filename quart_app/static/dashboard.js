/** The dashboard, live: which of all changes this list wants, and where they go. */

import * as bulk from "./bulk.js";
import { showConnection } from "./connection.js";
import { Feed } from "./feed.js";
import { Frames } from "./frames.js";
import * as hour from "./hour.js";
import { isFinal } from "./job-view.js";
import { JobList } from "./joblist.js";
import { showCounts, showQueues, showWorkers } from "./panels.js";

const PANELS = { counts: showCounts, queues: showQueues, workers: showWorkers };

export function start() {
  bulk.start();
  const hourMoved = hour.start();
  const element = document.getElementById("jobs");
  const list = new JobList(element);
  const { q, ...plain } = JSON.parse(element.dataset.chosen);
  const fits = (job) => Object.entries(plain).every(([name, value]) => job[name] === value);
  const counted = document.getElementById("counts").dataset.api; // those of all jobs are pushed
  const frames = new Frames((changes) => draw(list, changes));
  let waiting;
  const receive = {
    job(job) {
      if (isFinal(job)) hourMoved();
      if (!fits(job)) return frames.put(job.id, null);
      if (!q || list.rows.has(job.id)) frames.put(job.id, job);
      if (q) feed.read(); // only the server searches
    },
    relay({ reason }) {
      clearTimeout(waiting); // a short interruption is nobody's business
      waiting = setTimeout(() => (document.getElementById("waits").textContent = reason ?? ""), reason ? 1_000 : 0);
    },
    gone: ({ id }) => frames.put(id, null),
    counts: ({ counts }) => (counted ? feed.read() : frames.put("counts", counts)),
    counted: ({ counts }) => frames.put("counts", counts),
    list(page) {
      hourMoved(); // an answer does not tell which jobs have ended since
      frames.put("list", page);
    },
    snapshot({ jobs, cursor, ...panels }) {
      if (counted) delete panels.counts;
      if (q || list.fixed || Object.keys(plain).length) feed.read(); // these are the newest of all jobs
      else receive.list({ jobs, cursor });
      if (list.rows.size > jobs.length) feed.read(); // of the rows below these it says nothing
      for (const [name, part] of Object.entries(panels)) frames.put(name, part);
    },
  };
  const feed = new Feed({
    get polls() {
      const panels = ["queues", "workers"].map((name) => [name, `/api/${name}`]);
      return [["list", asWideAs(list)], ["counted", counted ?? "/api/counts"], ...panels];
    },
    onEvent: (name, data) => (receive[name] ?? ((part) => frames.put(name, part[name])))(data),
    onState: showConnection,
  });
}

/** Where to ask for the list so that the answer tells of every row. @param {JobList} list */
function asWideAs(list) {
  const address = new URL(list.list.dataset.api, location);
  const rows = Math.max(list.rows.size, address.searchParams.get("limit"));
  address.searchParams.set("limit", rows);
  return address.pathname + address.search;
}

/** @param {JobList} list @param {Map<string, any>} changes jobs by id, and parts of the page by name */
function draw(list, changes) {
  for (const [name, show] of Object.entries({ list: (page) => list.reset(page), ...PANELS })) {
    if (changes.has(name)) show(changes.get(name));
    changes.delete(name);
  }
  list.apply(changes);
}
