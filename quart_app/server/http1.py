"""HTTP/1.1 and nothing else, on connections that Hypercorn 0.18 serves.

Hypercorn would take up an offered HTTP/2, of which it buffers answers without bound, and
websockets, of which Headway has none. A Host or target that no address can be it hands on to
Quart, which raises on it before any of our doors.
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
# A name, an IPv4 address or one of IPv6, and a port. Quart writes the name as IDNA, which has no
# empty parts and none over 63 characters.
LABEL = rb"[A-Za-z0-9_-]{1,63}"
HOST = re.compile(rb"(?:%s(?:\.%s)*\.?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?" % (LABEL, LABEL))
LONGEST_HOST = 255
LAST_PORT = 65_535
# A request's target that names the server too, as one that is meant for a proxy does.
ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.I | re.S)
NO_HTTP2 = "HTTP/2 is for the proxy in front of this server; it speaks HTTP/1.1."
NO_HOST = "Host has to be a name or an address, with a port or none."
NO_TARGET = "The address asked for has to begin with a slash."
NO_REQUEST = "This is no request of HTTP/1.1."
BAD, VERSION = HTTPStatus.BAD_REQUEST, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED


class Refused(h11.RemoteProtocolError):
    """A request that is answered before the app hears of it, and ends its connection."""


class Connection(h11.Connection):
    """h11's side of a connection, which lets by only requests that the app can read."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size=most_bytes)
        self.method = b""
        self.refusal = NO_REQUEST

    def next_event(self) -> Any:
        """The next event. Raises h11.RemoteProtocolError for what is no request of ours."""
        event = super().next_event()
        if not isinstance(event, h11.Request):
            return event
        self.method = event.method
        # An offer to speak otherwise may be ignored (RFC 9110, 7.8); to h11 it would be pending
        # until the answer is complete, and no end of the client be noticed before.
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
    """Hypercorn's protocol with a connection of ours, errors that say what is wrong, and an end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection: Any = Connection(self.config.h11_max_incomplete_size)

    async def handle(self, event: Event) -> None:
        """Take what came, and let go of a client that left.

        Hypercorn keeps the task of one who asked for more before its answer was complete, and
        then left, for ever: it waits for the answer before it reads on. The descriptor of one who
        left an idle connection it keeps until that one's time is up.
        """
        is_idle = self.stream is None
        await super().handle(event)
        if isinstance(event, Closed):
            self.connection = _Gone()
            await self.can_read.set()
            # Not while a request is answered: this may be that one's own task, whose cancel
            # Hypercorn's closing would swallow; and when it is over, the connection is closed.
            if is_idle:
                await self.send(Closed())

    async def _send_error_response(self, status_code: int) -> None:
        # Held here: a client that leaves meanwhile has the connection replaced.
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
    """Stands in for h11's side of a connection that is closed: no more comes, nothing is sent."""

    our_state = their_state = h11.CLOSED
    they_are_waiting_for_100_continue = False

    def next_event(self) -> h11.ConnectionClosed:
        return h11.ConnectionClosed()

    def send(self, _event: object) -> bytes:
        return b""

    def receive_data(self, _data: bytes) -> None:
        """Nothing comes from a client that left."""


def only_http1() -> None:
    """Have every connection speak HTTP/1.1 alone; may be called twice."""
    setattr(hypercorn.protocol, "H11Protocol", Http1)  # noqa: B010  # a name, to mypy's dismay
