/**
 * Makes a part of the page like another drawing of it and touches only what differs, so that the
 * focus, a selection, what was opened and what is pointed at stay where they are.
 */

const OF_THE_READER = new Set(["open"]); // attributes that the reader changes

/** @param {Element} old on the page @param {Element} fresh */
export function patch(old, fresh) {
  for (const name of fresh.getAttributeNames()) {
    const value = fresh.getAttribute(name);
    if (!OF_THE_READER.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const name of old.getAttributeNames()) {
    if (!OF_THE_READER.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  if (fresh.firstElementChild?.hasAttribute("data-key")) patchKeyed(old, fresh);
  else patchPlaces(old, fresh);
}

/** Children that are the same when their key is. */
function patchKeyed(old, fresh) {
  const kept = new Map([...old.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set([...fresh.children].map((child) => child.dataset.key));
  for (const [key, child] of kept) if (!wanted.has(key)) child.remove();
  let here = old.firstElementChild;
  for (const child of fresh.children) {
    const found = kept.get(child.dataset.key);
    if (found && found === here) here = here.nextElementSibling;
    else old.insertBefore(found ?? child.cloneNode(true), here);
    if (found) change(found, child);
  }
}

/** Children that are the same when they stand at the same place. */
function patchPlaces(old, fresh) {
  [...fresh.childNodes].forEach((wanted, index) => {
    const here = old.childNodes[index];
    if (!here) old.append(wanted.cloneNode(true));
    else if (here.nodeName === wanted.nodeName && here.id === wanted.id) change(here, wanted);
    else here.replaceWith(wanted.cloneNode(true));
  });
  while (old.childNodes.length > fresh.childNodes.length) old.lastChild.remove();
}

function change(found, wanted) {
  if (found.isEqualNode(wanted)) return;
  if (wanted.nodeType === Node.ELEMENT_NODE) patch(found, wanted);
  else found.data = wanted.data;
}
