/** Does one thing at a time: asked meanwhile, it is done once more; hidden, when the page is seen again. */

const PAUSE_MS = 250; // changes may come faster than anybody reads
const RETRY_MS = 3_000;

export class Coalesced {
  /** @param {() => Promise<boolean>} work false when it has to be tried again */
  constructor(work) {
    this.work = work;
    this.due = false;
    document.addEventListener("visibilitychange", () => this.#take());
  }

  ask() {
    this.due = true;
    this.#take();
  }

  async #take() {
    if (this.taken) return;
    this.taken = true;
    while (this.due && !document.hidden) {
      this.due = false;
      const worked = await this.work();
      this.due ||= !worked;
      await new Promise((resolve) => setTimeout(resolve, worked ? PAUSE_MS : RETRY_MS));
    }
    this.taken = false;
  }
}
