"""A gateway between the browser and Headway that can stop passing streams on, as some do.

With a prefix it is a site of which Headway is a part. It knows HTTP/1.1 just well enough: one
request a connection, bytes both ways.
"""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

PIECE_BYTES = 65_536
STREAM = "/events"
ELSEWHERE = b"HTTP/1.1 404 Not Headway's\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
REFUSAL = b"HTTP/1.1 %d Not Now\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Gateway(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1 and passes on to another port.

    With a `prefix` only what begins with it, and without it where the gateway `strips`.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, to_port: int, prefix: str = "", *, strips: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.to_port = to_port
        self.inside = re.compile(rb"(\w+ )(%b)(/\S*)" % prefix.encode())
        self.strips = strips
        self.refusing: Iterator[int] | None = None  # the HTTP statuses that streams get, if any
        self.everything = False  # true: and not only streams
        self.streams: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def address(self) -> str:
        """What to open in the browser."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Gateway:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.refuse()
        self.server_close()

    def passed_on(self, head: bytes) -> bytes | None:
        """The head of a request as Headway gets it; None for one that is not for Headway."""
        found = self.inside.match(head)
        if found is None:
            return None
        method, _, path = found.groups()
        return method + path + head[found.end() :] if self.strips else head

    def refuse(self, *statuses: int, everything: bool = False) -> None:
        """Cut every open stream, and answer new ones with these in turn; none: pass them again.

        With `everything` no other request gets through either, as while a server is replaced.
        """
        self.everything = everything
        self.refusing = cycle(statuses) if statuses else None
        for stream in list(self.streams):
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.BaseRequestHandler):
    server: Gateway
    request: socket.socket

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(PIECE_BYTES)
            if not piece:
                return
            head += piece
        is_stream = STREAM in head.partition(b"\r\n")[0].decode()
        if self.server.refusing and (is_stream or self.server.everything):
            self.request.sendall(REFUSAL % next(self.server.refusing))
            return
        passed_on = self.server.passed_on(head)
        if passed_on is None:
            self.request.sendall(ELSEWHERE)
            return
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.to_port)) as to:
            to.sendall(re.sub(rb"(?i)connection: keep-alive", b"Connection: close", passed_on))
            self._pass(to, is_stream)

    def _pass(self, to: socket.socket, is_stream: bool) -> None:
        if is_stream:
            self.server.streams.add(to)
        back = threading.Thread(target=_pump, args=(self.request, to), daemon=True)
        back.start()
        _pump(to, self.request)
        self.server.streams.discard(to)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)
        back.join()


def _pump(source: socket.socket, drain: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            drain.sendall(piece)
    with suppress(OSError):
        drain.shutdown(socket.SHUT_WR)
