/** Tells of a job's end outside of the page, if the reader asked for it: by a notification of the browser. */

import { headline, isFinal, nameOf } from "./job-view.js";
import { recall, remember } from "./preferences.js";

const ASKED = "headway-tell-"; // and the job's id, in sessionStorage: to reload the page is not to change one's mind

export class Notifications {
  /** @param {{id: string, status: string}} job @param {import("./feed.js").Feed} feed of the job */
  constructor(job, feed) {
    this.key = ["sessionStorage", ASKED + job.id];
    this.feed = feed;
    this.button = document.getElementById("tell");
    this.button.addEventListener("click", () => this.#turn());
    this.#ask(recall(...this.key) && self.Notification?.permission === "granted");
    this.#show(job);
  }

  /** @param {import("./job-view.js").Job} job as it is now */
  hear(job) {
    this.#show(job);
    if (!isFinal(job) || !this.asked) return;
    this.#ask(false);
    tell(job);
  }

  /** The browser asks for permission at this click and at no other time. */
  async #turn() {
    const allowed = this.asked || (await Notification.requestPermission()) === "granted";
    if (allowed) this.#ask(!this.asked);
    else this.button.textContent = "Notifications are blocked for this site";
    this.button.ariaDisabled = allowed ? null : "true";
  }

  /** @param {any} asked */
  #ask(asked) {
    this.asked = Boolean(asked);
    this.button.ariaPressed = String(this.asked);
    this.feed.stayAwake(this.asked);
    remember(...this.key, this.asked);
  }

  #show(job) {
    this.button.hidden = isFinal(job) || !("Notification" in self);
  }
}

/** @param {import("./job-view.js").Job} job */
function tell(job) {
  try {
    const note = new Notification(`${nameOf(job)} ${job.status}`, { body: headline(job), tag: job.id });
    note.onclick = () => {
      focus();
      note.close();
    };
  } catch {
    // Phones show notifications of installed pages only; the tab's title tells all the same.
  }
}
