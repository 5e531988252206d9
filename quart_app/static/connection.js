/** The word in the corner that says how the page is kept fresh. It knows no feed, only its state. */

const PATIENCE_MS = 1_000; // a shorter interruption is not worth a word

const WORDS = {
  live: ["live", "Every change is pushed to this page."],
  away: ["Redis away", "Changes are read from the store and may be two seconds late."],
  connecting: ["connecting", "The page shows what was true when it was loaded."],
  reconnecting: ["reconnecting", "The page shows what was true when the connection was lost."],
  polling: ["checking every 3 s", "Pushing does not work here, so the page asks."],
};

let waiting;

/** @param {import("./stream.js").State} state */
export function showConnection(state) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const link = document.getElementById("link");
    link.hidden = !(state in WORDS);
    link.dataset.state = state;
    [link.textContent, link.title] = WORDS[state] ?? ["", ""];
    // What ran when the connection was lost may be over: it is not shown as if it moved.
    document.documentElement.toggleAttribute("data-past", state === "reconnecting");
  }, state === "live" || state === "ended" ? 0 : PATIENCE_MS);
}
