/** The one module every page loads: it starts what this page needs and nothing else. */

import { keepTimes } from "./wording.js";
import { listenToKeys } from "./keys.js";

keepTimes(document);
listenToKeys();
addEventListener("pageshow", () => {
  // A form that is sent again after coming back to it is meant to start another job.
  for (const key of document.querySelectorAll("[name=idempotency_key]")) key.value = crypto.getRandomValues(new Uint32Array(4)).join("-");
});
const { script } = document.body.dataset; // the page's own module
try {
  if (script) (await import(script)).start();
  document.documentElement.toggleAttribute("data-live", true);
  dispatchEvent(new Event("headway:live"));
} catch (error) {
  dispatchEvent(new Event("headway:failed")); // boot.js says so, and tries again
  console.error(error);
}
