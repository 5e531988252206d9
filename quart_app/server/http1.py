"""HTTP/1.1 and nothing else, on connections that Hypercorn serves.

What Hypercorn 0.18 (`protocol/h11.py`) and Quart 0.22 do by themselves, and no setting changes:

- `_check_protocol` switches to HTTP/2 when a client offers h2c or begins with its preface;
  `alpn_protocols` says only what is advertised (pgjones/hypercorn#38). Answers in HTTP/2 are
  buffered without bound.
- `_create_stream` takes up an offered WebSocket; Headway has none.
- A Host that cannot be a name raises `BadHost` in `RequestContext.__init__` and so out of the app,
  past its error handlers: a 500, and a traceback in the log.
- `_handle_events` waits for `can_read` while a request is answered and another one is here, and
  `handle(Closed)` does not set it: the task of a client that left waits for ever.
- `TCPServer._read_data` ends when an idle client leaves, but its descriptor stays open until
  `keep_alive_timeout`.
- `_send_error_response` has no body.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from itertools import chain
from typing import Any

import h11
import hypercorn.protocol
from hypercorn.events import Closed, Event
from hypercorn.protocol.h11 import H11Protocol

from headway.model.record import dumps

ONE = frozenset({b"1.0", b"1.1"})
# A name, an IPv4 or IPv6 address, and a port. Werkzeug encodes the name as IDNA, which has no empty
# labels and none over 63 characters.
LABEL = rb"[A-Za-z0-9_-]{1,63}"
HOST = re.compile(rb"(?:%s(?:\.%s)*\.?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?" % (LABEL, LABEL))
LONGEST_HOST = 255
LAST_PORT = 65_535
# A target that names the server too, as requests to a proxy do.
ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.I | re.S)
NO_HTTP2 = "HTTP/2 is for the proxy in front of this server; it speaks HTTP/1.1."
NO_HOST = "Host has to be a name or an address, with a port or none."
NO_TARGET = "The address asked for has to begin with a slash."
NO_REQUEST = "This is no request of HTTP/1.1."
BAD, VERSION = HTTPStatus.BAD_REQUEST, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED


class Refused(h11.RemoteProtocolError):
    """A request that is refused before the app sees it; its connection ends."""


class Connection(h11.Connection):
    """An h11 connection that lets by only requests that the app can read."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size=most_bytes)
        self.method = b""
        self.refusal = NO_REQUEST

    def next_event(self) -> Any:
        """The next event. Raises h11.RemoteProtocolError for a request that we do not serve."""
        event = super().next_event()
        if not isinstance(event, h11.Request):
            return event
        self.method = event.method
        # An offer to switch protocols may be ignored (RFC 9110, 7.8). h11 would keep it pending
        # until the answer is complete, and not notice before that the client left.
        self._cstate.pending_switch_proposals.clear()
        try:
            return _readable(event)
        except Refused as refused:
            self.refusal = str(refused)
            raise


def _readable(request: h11.Request) -> h11.Request:
    if request.http_version not in ONE:
        raise Refused(NO_HTTP2, error_status_hint=VERSION)
    target = request.target
    headers = [(name, value) for name, value in request.headers if name != b"upgrade"]
    if absolute := ABSOLUTE.fullmatch(target):
        # Its host counts, not the header's (RFC 9112, 3.2.2).
        host, rest = absolute.groups()
        target = rest if rest.startswith(b"/") else b"/" + rest
        headers = [(b"host", host), *((n, v) for n, v in headers if n != b"host")]
    if not target.startswith(b"/") and (request.method, target) != (b"OPTIONS", b"*"):
        raise Refused(NO_TARGET, error_status_hint=BAD)
    if not all(_is_host(value) for name, value in headers if name == b"host"):
        raise Refused(NO_HOST, error_status_hint=BAD)
    if target == request.target and len(headers) == len(request.headers):
        return request
    return h11.Request(
        method=request.method,
        target=target,
        headers=headers,
        http_version=request.http_version,
    )


def _is_host(value: bytes) -> bool:
    found = HOST.fullmatch(value) if len(value) <= LONGEST_HOST else None
    return found is not None and int(found[1] or 0) <= LAST_PORT


class Http1(H11Protocol):
    """Hypercorn's protocol with our connection; its errors have a body and its closed ones end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection: Any = Connection(self.config.h11_max_incomplete_size)

    async def handle(self, event: Event) -> None:
        """Handle what came; when the client left, end the waiting task and close the connection."""
        is_idle = self.stream is None
        await super().handle(event)
        if isinstance(event, Closed):
            self.connection = _Gone()
            await self.can_read.set()
            # Not while a request is answered: this may be its own task, and Hypercorn's `_close`
            # would swallow its cancel. When it is over, the connection is closed anyway.
            if is_idle:
                await self.send(Closed())

    async def _send_error_response(self, status_code: int) -> None:
        # When the client leaves meanwhile, `self.connection` is replaced.
        connection = self.connection
        detail = connection.refusal
        status = HTTPStatus(status_code)
        problem = {"type": "about:blank", "title": status.phrase, "status": status_code}
        body = dumps(problem | {"detail": detail, "error": detail}).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        head = h11.Response(
            status_code=status_code,
            headers=list(chain(headers, self.config.response_headers("h11"))),
        )
        await self._send_h11_event(head)
        if connection.method != b"HEAD":
            await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())


class _Gone:
    """In place of the h11 connection of a client that left: nothing comes and nothing is sent."""

    our_state = their_state = h11.CLOSED
    they_are_waiting_for_100_continue = False

    def next_event(self) -> h11.ConnectionClosed:
        return h11.ConnectionClosed()

    def send(self, _event: object) -> bytes:
        return b""

    def receive_data(self, _data: bytes) -> None:
        """Ignore it."""


def only_http1() -> None:
    """Make every connection speak HTTP/1.1 only; may be called twice.

    `ProtocolWrapper` names the class, and no setting does.
    """
    setattr(hypercorn.protocol, "H11Protocol", Http1)  # noqa: B010  # a name, to mypy's dismay
