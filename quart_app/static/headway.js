/** The one module every page loads: it starts what this page needs and nothing else. */

import { keepTimes } from "./clock.js";
import { listenToKeys } from "./keys.js";

const PAGES = {
  dashboard: () => import("./dashboard.js"),
  hour: () => import("./hour.js"),
  job: () => import("./job.js"),
  form: () => import("./moments.js"),
  generating: () => import("./generating.js"),
  story: () => import("./story.js"),
  photo: () => import("./photo.js"),
};

keepTimes(document);
listenToKeys();
addEventListener("pageshow", () => {
  // A form that somebody comes back to, to send it once more, is meant to start another job.
  for (const key of document.querySelectorAll("[name=idempotency_key]")) key.value = crypto.getRandomValues(new Uint32Array(4)).join("-");
});
const load = PAGES[document.body.dataset.page];
if (load) (await load()).start();
