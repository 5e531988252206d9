/** Watches one job and shows it in the element #job of whatever page there is. */

import { announce } from "./announce.js";
import { BASE } from "./base.js";
import { showConnection } from "./connection.js";
import { Feed } from "./feed.js";
import { show } from "./job-view.js";
import { showInTab } from "./tab.js";

/**
 * @typedef {import("./job-view.js").Job} Job
 * @typedef {object} Watching
 * @property {(job: Job) => void} [onJob] every change
 * @property {() => void} [onHindrance] why waiting jobs wait is not what it was
 * @property {() => void} [onGone] the job was deleted; without it the page says so
 */

/** @param {HTMLElement} root @param {Watching} watching @returns {Feed} */
export function watchJob(root, watching) {
  const { id, part } = root.dataset; // some ids are written in another way in an address
  let { status, seq } = root.dataset;
  let drawn; // the job that is shown with the next drawn frame
  function draw(job) {
    if (!drawn) {
      requestAnimationFrame(() => {
        show(root, drawn);
        drawn = null;
      });
    }
    drawn = job;
  }
  let gone = false;
  function take(job) {
    announce(job, status);
    showInTab(job);
    draw(job);
    watching.onJob?.(job);
    ({ seq, status } = job);
  }
  const hindrance = {};
  /** Why jobs do not begin, of all and of its queue. @param {Record<string, string>} news */
  function hear(news) {
    const before = { ...hindrance };
    Object.assign(hindrance, news);
    if (Object.keys(news).some((name) => name in before && before[name] !== news[name])) watching.onHindrance?.();
  }
  const shown = {
    job(job) {
      if (gone) location.reload(); // it is back, as from a copy of the store
      if (job.seq > seq) take(job); // an answer and an event may overtake each other
    },
    relay: ({ reason }) => hear({ reason }),
    queues({ queues }) {
      const mine = queues.find(({ name }) => name === root.dataset.queue);
      hear({ queue: mine?.waits_for?.reason });
    },
    snapshot({ jobs, queues }) {
      if (queues) shown.queues({ queues });
      const job = jobs.find((one) => one.id === id);
      if (job) shown.job(job);
      else feed.read();
    },
    gone() {
      if (gone) return;
      gone = true;
      if (watching.onGone) watching.onGone();
      else sayDeleted(root);
    },
  };
  const feed = new Feed({
    job: id,
    polls: () => [["job", `${BASE}/api/jobs/${part ?? id}`]],
    onEvent: (name, data) => shown[name]?.(data),
    onState: showConnection,
  });
  return feed;
}

/** @param {HTMLElement} root what it shows was true until now; nothing can be done with it any more */
function sayDeleted(root) {
  const words = "This job was deleted.";
  const line = Object.assign(document.createElement("p"), { role: "alert", className: "wrong", textContent: words });
  const actions = root.querySelector("#actions");
  if (actions) actions.replaceChildren(line);
  else root.append(line);
  document.title = "deleted · Headway";
}
