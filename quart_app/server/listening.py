"""Listening: whether our port is free, and the socket that accepts connections while there is room.

Out of descriptors, asyncio's `_accept_connection` logs a traceback for each of up to `BACKLOG`
attempts (python/cpython#151615) and leaves the clients waiting. Hypercorn 0.18 makes its sockets in
`Config.create_sockets` and has no setting for what they let by or hold.
"""

from __future__ import annotations

import asyncio
import errno
import http.client
import logging
import socket
import time
from collections import deque
from contextlib import closing, suppress
from typing import Any

from hypercorn.config import Config, Sockets

from headway.errors import BadSetting
from headway.model.record import dumps
from headway.settings import Settings
from quart_app.server.descriptors import connections_end

# What the kernel may hold for a client that does not read, in bytes; 4 MB without this.
SEND_BUFFER_BYTES = 64 * 1024
# A client whose kernel takes nothing for this long, in milliseconds, is gone.
STUCK_MILLISECONDS = 20_000
# A client that is sent away may still be writing: if we closed first, the connection would be reset
# and the answer lost. At most this many are kept open, for this many seconds.
LEAVING = 8
LEAVING_SECONDS = 0.5
REQUEST_BYTES = 64 * 1024
# Seconds between two log lines about too many connections.
SAY_SECONDS = 60.0
RETRY_AFTER_SECONDS = 5

LAST_PORT = 65_535
# The program that has our port may be no HTTP server, and silent; in seconds.
ASK_SECONDS = 1.0
# The most of an answer's body that is read, in bytes.
ANSWER_BYTES = 64
ALIVE = b'{"status":"alive"}'

log = logging.getLogger(__name__)


class Listening(socket.socket):
    """A listening socket as asyncio's loop uses it."""

    _said_at = float("-inf")

    def listen(self, *backlog: int) -> None:
        """Listen, and say where, and what to try there."""
        super().listen(*backlog)
        host, port = self.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}{self._prefix}"
        log.info("Headway is at %s", url)
        what, where = self._invitation
        log.info("Try: %s at %s%s, or curl -N %s/api/events", what, url, where, url)

    def begin(self, prefix: str, invitation: tuple[str, str]) -> None:
        """Set what accepted connections inherit (on Linux), and what to try first, and where."""
        self._prefix, self._invitation = prefix, invitation
        self._leaving: deque[socket.socket] = deque()
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MILLISECONDS)

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection there is room for; those before it are asked to come back.

        Raises BlockingIOError when none is waiting.
        """
        end = connections_end()
        while True:
            connection, address = super().accept()
            if connection.fileno() < end:
                return connection, address
            self._send_away(connection)

    def _send_away(self, connection: socket.socket) -> None:
        if time.monotonic() - self._said_at > SAY_SECONDS:
            self._said_at = time.monotonic()
            log.warning("too many connections are open (ulimit -n): more of them get 503")
        connection.setblocking(False)
        with suppress(OSError):
            connection.send(TOO_MANY)
            connection.shutdown(socket.SHUT_WR)
        self._leaving.append(connection)
        if len(self._leaving) > LEAVING:
            _close(self._leaving.popleft())
        asyncio.get_running_loop().call_later(LEAVING_SECONDS, self._let_go, connection)

    def _let_go(self, connection: socket.socket) -> None:
        with suppress(ValueError):
            self._leaving.remove(connection)
        _close(connection)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):  # what is unread when it closes would reset the connection
        connection.recv(REQUEST_BYTES)
    connection.close()


def _too_many() -> bytes:
    detail = "Too many connections are open."
    problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503}
    body = dumps(problem | {"detail": detail, "error": detail}).encode()
    return (
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n"
        b"retry-after: %d\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        % (RETRY_AFTER_SECONDS, len(body))
    ) + body


TOO_MANY = _too_many()


class StreamConfig(Config):
    """Hypercorn's configuration with sockets made for streams, and what to try first, and where.

    Each address that it names begins with `prefix`.
    """

    prefix = ""
    invitation = ("start a job", "/jobs/new")

    def create_sockets(self) -> Sockets:
        """The sockets to listen with."""
        sockets = super().create_sockets()
        made: list[socket.socket] = []
        for plain in sockets.insecure_sockets:
            listening = Listening(fileno=plain.detach())
            made.append(listening)
            listening.setblocking(False)
            listening.begin(self.prefix, self.invitation)
        return Sockets(sockets.secure_sockets, made, sockets.quic_sockets)


def check_address(settings: Settings) -> None:
    """Raises BadSetting where we cannot listen, before anything else was started."""
    host, port = settings.host, settings.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Hypercorn does
        try:
            probe.bind((host, port))
        except OSError as error:
            problem = f"nobody can listen at {host}:{port} ({error.strerror})"
            if error.errno == errno.EADDRINUSE:
                problem = f"{_who_has(host, port)} listens at {host}:{port}"
            raise BadSetting(f"PORT={port}: {problem}. {_another(port)}") from None


def _another(port: int) -> str:
    other = port % LAST_PORT + 1
    return f"Choose another: `PORT={other} honcho start`, or PORT={other} in `.env`"


def _who_has(host: str, port: int) -> str:
    """The program that listens there, if it says so when asked."""
    asked = http.client.HTTPConnection(host, port, timeout=ASK_SECONDS)
    with closing(asked), suppress(OSError, http.client.HTTPException):
        asked.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        answer = asked.getresponse()
        if "AirTunes" in answer.getheader("Server", ""):
            return "AirPlay (System Settings, AirDrop & Handoff, AirPlay Receiver)"
        if answer.read(ANSWER_BYTES) == ALIVE:
            return "another Headway"
    return "another program"
