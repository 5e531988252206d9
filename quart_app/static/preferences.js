/**
 * What a reader chose, kept by the browser. A browser set to keep nothing for sites throws at the
 * first look; then a choice lasts as long as its page, and the page works.
 */

/** @type {Map<string, any>} */
const unkept = new Map();

/** @param {"localStorage"|"sessionStorage"} place @param {string} key */
export function recall(place, key) {
  try {
    return self[place].getItem(key);
  } catch {
    return unkept.get(key);
  }
}

/** @param {"localStorage"|"sessionStorage"} place @param {string} key @param {any} chosen */
export function remember(place, key, chosen) {
  try {
    if (chosen) self[place].setItem(key, "1");
    else self[place].removeItem(key);
  } catch {
    unkept.set(key, chosen);
  }
}
