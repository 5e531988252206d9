/** The one module every page loads: it starts what this page needs and nothing else. */

import { keepTimes } from "./clock.js";
import { listenToKeys } from "./keys.js";

const PAGES = {
  dashboard: () => import("./dashboard.js"),
  hour: () => import("./hour.js"),
  job: () => import("./job.js"),
  form: () => import("./moments.js"),
};

keepTimes(document);
listenToKeys();
addEventListener("pageshow", () => {
  // A form that somebody comes back to, to send it once more, is meant to start another job.
  for (const key of document.querySelectorAll("[name=idempotency_key]")) key.value = crypto.getRandomValues(new Uint32Array(4)).join("-");
});
const { page, script } = document.body.dataset; // a guest's page names its own module
const load = PAGES[page] ?? (script && (() => import(script)));
if (load) (await load()).start();
