/** Gathers changes by key and applies the latest of each once per drawn frame. */

export class Frames {
  /** @param {(changes: Map<string, any>) => void} apply */
  constructor(apply) {
    this.apply = apply;
    this.changes = new Map();
  }

  /** @param {string} key @param {any} value replaces an earlier one that was not drawn */
  put(key, value) {
    if (!this.changes.size) requestAnimationFrame(() => this.#draw());
    this.changes.set(key, value);
  }

  #draw() {
    const changes = this.changes;
    this.changes = new Map();
    this.apply(changes);
  }
}
