/**
 * Watches a stream with one of the clients that people use, as its own README has it, and says in
 * lines of JSON what it is told. It ends when the client stops by itself.
 *
 *     node watch.mjs CLIENT ADDRESS
 */

import { createEventSource } from "eventsource-client";
import { EventSource } from "eventsource";
import { EventSourceParserStream } from "eventsource-parser/stream";
import polyfill from "event-source-polyfill";
import ReconnectingEventSource from "reconnecting-eventsource";

const NAMES = ["relay", "snapshot", "job", "log", "heartbeat", "gone", "end", "message"];
const PAUSE_MS = 100;

const say = (what) => console.log(JSON.stringify(what));
const tell = (name, data, id) => say({ name, data, id });
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** What has the interface of a browser's EventSource. */
function listen(source, { knowsEnd = true } = {}) {
  source.onopen = () => say({ opened: true });
  for (const name of NAMES) {
    source.addEventListener(name, ({ data, lastEventId }) => {
      tell(name, data, lastEventId);
      if (name === "end" && knowsEnd) source.close();
    });
  }
}

const CLIENTS = {
  eventsource: (url) => listen(new EventSource(url)),
  // By the standard a client need not know `end`: it comes back once more, and 204 stops it.
  "eventsource by 204": (url) => listen(new EventSource(url), { knowsEnd: false }),
  "event-source-polyfill": (url) => listen(new polyfill.EventSourcePolyfill(url)),
  "reconnecting-eventsource": (url) => {
    globalThis.MessageEvent ??= class {};
    listen(new ReconnectingEventSource(url, { eventSourceClass: EventSource, max_retry_time: PAUSE_MS }));
  },
  "eventsource-client": (url) => {
    const source = createEventSource({
      url,
      onConnect: () => say({ opened: true }),
      onMessage({ event, data, id }) {
        tell(event, data, id);
        if (event === "end") source.close();
      },
    });
  },
  async "eventsource-parser"(url) {
    for (let id = "", ended = false; !ended; await pause()) {
      const answer = await fetch(url, { headers: { "Last-Event-ID": id } }).catch(() => null);
      if (!answer) continue;
      say({ opened: true });
      const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const event of events) {
        tell(event.event, event.data, event.id);
        id = event.id ?? id;
        ended = event.event === "end";
      }
    }
  },
  async "fetch-event-source"(url) {
    Object.assign(globalThis, { window: globalThis, document: new EventTarget() }); // made for browsers
    const { fetchEventSource } = await import("@microsoft/fetch-event-source/lib/cjs/index.js");
    let ended = false;
    await fetchEventSource(url, {
      async onopen() { say({ opened: true }); },
      onmessage(message) { // as most people write it: a message without data would end it all
        tell(message.event, JSON.stringify(JSON.parse(message.data)), message.id);
        ended = message.event === "end";
      },
      onclose() { if (!ended) throw new Error("cut off"); },
      onerror(error) { if (error instanceof SyntaxError) say({ error: String(error) }); },
    });
  },
};

const [client, url] = process.argv.slice(2);
await CLIENTS[client](url);
