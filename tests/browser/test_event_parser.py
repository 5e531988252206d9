"""Chromium's own parser of event streams reads back what our encoder was given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from quart_app.live.event import Position, encode, id_line, retry_line

TEXTS = [
    "",
    " ",
    " leading space",
    "  two, and one at the end ",
    "\n",
    "\r",
    "\r\n",
    "\n\n\n",
    "\r\r",
    "\n\r",
    "one\ntwo",
    "one\rtwo",
    "one\r\ntwo",
    "ends\n",
    "\nbegins",
    "line\u2028paragraph\u2029next\x85form\x0cfeed\x0b",
    "nul \0 inside",
    "\ufeffmark",
    "data: data",
    ": a comment",
    "id: 7\nevent: other\nretry: 1",
    "שלום 🎈 é e\u0301 \U0010ffff",
    "tab\tand \x1b[31mcolour\x1b[0m",
    "{}",
    "x" * 100_000,
]
LISTEN = """count => new Promise((resolve, reject) => {
  const heard = [];
  const source = new EventSource("/events");
  source.addEventListener("text", ({ data, lastEventId }) => {
    heard.push([data, lastEventId]);
    if (heard.length === count) { source.close(); resolve(heard); }
  });
  source.onmessage = (event) => reject(new Error(`stray message ${event.data}`));
  source.onerror = () => { source.close(); reject(new Error(`ended after ${heard.length}`)); };
})"""


class _Handler(BaseHTTPRequestHandler):
    stream: bytes

    def do_GET(self) -> None:
        is_stream = self.path == "/events"
        self.send_response(200)
        kind = "text/event-stream" if is_stream else "text/html"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(self.stream if is_stream else b"<!doctype html><title>x</title>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], str]]:
    """Serves these bytes as a stream; returns the address of a page beside it."""
    servers: list[tuple[ThreadingHTTPServer, Thread]] = []

    def start(stream: bytes) -> str:
        handler = type("Handler", (_Handler,), {"stream": stream})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_text_arrives_as_it_was_sent_with_its_line_ends_as_lf(
    browser: Browser, serve: Callable[[bytes], str]
) -> None:
    events = [
        id_line(Position("e", number)) + encode("text", text.encode())
        for number, text in enumerate(TEXTS)
    ]
    expected = [[re.sub("\r\n|\r", "\n", text), f"e:{number}"] for number, text in enumerate(TEXTS)]
    with browser.new_page() as page:
        page.goto(serve(retry_line(2000) + b"".join(events)))
        assert page.evaluate(LISTEN, len(TEXTS)) == expected


def test_a_name_and_an_id_with_line_ends_smuggle_nothing_in(
    browser: Browser, serve: Callable[[bytes], str]
) -> None:
    position = Position("1\ndata: smuggled\n\n\0", 1)
    stream = id_line(position) + encode("te\r\nxt\0", b"data")
    with browser.new_page() as page:
        page.goto(serve(stream))
        assert page.evaluate(LISTEN, 1) == [["data", "1data: smuggled:1"]]
