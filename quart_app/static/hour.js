/** The picture of the last hour: drawn anew by the server on a slow clock, while somebody looks. */

import { adopted } from "./adopt.js";

const EVERY_MS = 30_000; // a bar is a minute

export function start() {
  const picture = adopted("#last-hour", "/last-hour");
  setInterval(() => picture.ask(), EVERY_MS);
}
