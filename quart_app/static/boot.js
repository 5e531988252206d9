// Stands in the page itself, where nothing can keep it from loading: it says so when the page's modules
// could not be loaded, as while a server restarts, and tries again until they are.
(() => {
  const GIVEN_MS = 10_000, LONGEST_MS = 30_000, TRIES = "headway.tries";
  const live = () => document.documentElement.hasAttribute("data-live");
  let failed = false;
  let edited = false;
  let tries = 0;
  try { tries = Number(sessionStorage.getItem(TRIES)) || 0; } catch { /* no storage: begin with a short wait */ }
  const keep = () => { try { sessionStorage.setItem(TRIES, tries); } catch { /* as above */ } };

  function fail() {
    if (failed || live()) return;
    failed = true;
    const notice = document.getElementById("not-live");
    notice.hidden = false;
    retry(notice);
  }

  function retry(notice) {
    const wait = Math.min(LONGEST_MS, 1000 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random() / 2);
    tries += 1;
    keep();
    setTimeout(async () => {
      try {
        const answer = await fetch(location.href, { cache: "no-store" });
        if (!answer.ok) throw new Error(answer.statusText);
        if (!edited) return location.reload();
        notice.querySelector("a").hidden = false; // what a person has typed is theirs to give up
      } catch {
        retry(notice);
      }
    }, wait);
  }

  addEventListener("error", (event) => { if (event.target.tagName === "SCRIPT") fail(); }, true);
  addEventListener("headway:failed", fail);
  addEventListener("headway:live", () => { tries = 0; keep(); });
  addEventListener("input", () => { edited = true; });
  addEventListener("load", () => setTimeout(fail, GIVEN_MS));
})();
