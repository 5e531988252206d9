"""The proxy between the parts: each fault does what it says, and stops when it is told."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import repeat

import pytest

from tests.support.chaos_proxy import CHUNK_BYTES, ChaosProxy, Fault
from tests.support.waiting import eventually

# Seconds that an answer may take on a busy machine, and that silence is listened to.
ANSWER_SECONDS = 10.0
SILENCE_SECONDS = 0.3
DELAY_SECONDS = 0.2
# More than fits into the buffers of the proxy and of the kernel's four sockets.
FLOOD_BYTES = 64 * 1024 * 1024


class _Echo(socketserver.BaseRequestHandler):
    """Says each piece again; after FIN it says goodbye."""

    server: _Echoes

    def handle(self) -> None:
        while piece := self.request.recv(CHUNK_BYTES):
            self.server.heard += piece
            self.request.sendall(piece)
        self.server.farewells += 1
        self.request.sendall(b"goodbye")


class _Echoes(socketserver.ThreadingTCPServer):
    daemon_threads = True
    heard = b""
    farewells = 0

    def handle_error(self, *_: object) -> None:
        """A connection that was reset is what some of these tests are about."""


@pytest.fixture
def echoes() -> Iterator[_Echoes]:
    with _Echoes(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(echoes: _Echoes) -> Iterator[ChaosProxy]:
    port: int = echoes.server_address[1]
    with ChaosProxy(port, delay_seconds=DELAY_SECONDS) as made:
        yield made


@pytest.fixture
def client(proxy: ChaosProxy) -> Iterator[socket.socket]:
    """A connection through the proxy that has already carried something."""
    with closing(_connect(proxy)) as connection:
        assert _asked(connection, b"hello") == b"hello"
        yield connection


def test_what_is_said_arrives_and_the_ends_are_told_both_ways(client: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)

    assert client.recv(CHUNK_BYTES) == b"goodbye"
    assert client.recv(CHUNK_BYTES) == b""


def test_a_delay_holds_each_piece_and_ends_with_the_switch(
    proxy: ChaosProxy, client: socket.socket
) -> None:
    proxy.switch(Fault.DELAY)
    began = time.monotonic()
    assert _asked(client, b"slow") == b"slow"
    assert time.monotonic() - began >= 2 * DELAY_SECONDS

    proxy.switch(Fault.NONE)
    began = time.monotonic()
    assert _asked(client, b"quick") == b"quick"
    assert time.monotonic() - began < 2 * DELAY_SECONDS


def test_a_blackhole_swallows_nothing_for_good(
    proxy: ChaosProxy, client: socket.socket, echoes: _Echoes
) -> None:
    proxy.switch(Fault.BLACKHOLE)
    client.sendall(b"later")
    newcomer = _connect(proxy)
    newcomer.sendall(b"me too")
    client.settimeout(SILENCE_SECONDS)
    with pytest.raises(TimeoutError):
        client.recv(CHUNK_BYTES)
    assert echoes.heard == b"hello"

    proxy.switch(Fault.NONE)

    client.settimeout(ANSWER_SECONDS)
    assert client.recv(CHUNK_BYTES) == b"later"
    assert newcomer.recv(CHUNK_BYTES) == b"me too"
    newcomer.close()


def test_a_blackhole_holds_little(proxy: ChaosProxy, client: socket.socket) -> None:
    proxy.switch(Fault.BLACKHOLE)
    client.settimeout(SILENCE_SECONDS)

    sent = 0
    with pytest.raises(TimeoutError):
        for piece in repeat(b"x" * CHUNK_BYTES, FLOOD_BYTES // CHUNK_BYTES):
            sent += client.send(piece)

    assert sent < FLOOD_BYTES


def test_a_reset_cuts_what_is_open_and_what_comes_until_it_is_over(
    proxy: ChaosProxy, client: socket.socket
) -> None:
    proxy.switch(Fault.RESET)
    with pytest.raises(ConnectionResetError):
        client.recv(CHUNK_BYTES)
    with pytest.raises(ConnectionError), closing(_connect(proxy)) as newcomer:
        _asked(newcomer, b"hello?")
        raise ConnectionResetError("closed without a word")
    eventually(lambda: not proxy.connections)

    proxy.switch(Fault.NONE)

    with closing(_connect(proxy)) as newcomer:
        assert _asked(newcomer, b"hello again") == b"hello again"


def test_a_half_close_tells_the_client_the_end_and_the_server_nothing(
    proxy: ChaosProxy, client: socket.socket, echoes: _Echoes
) -> None:
    proxy.switch(Fault.HALF_CLOSE)
    assert client.recv(CHUNK_BYTES) == b""
    client.sendall(b", still here")
    eventually(lambda: echoes.heard == b"hello, still here")
    assert echoes.farewells == 0

    client.close()

    eventually(lambda: echoes.farewells == 1)
    eventually(lambda: not proxy.connections)


def test_closing_twice_cuts_everything_and_leaves_no_thread(echoes: _Echoes) -> None:
    proxy = ChaosProxy(echoes.server_address[1])
    with proxy, closing(_connect(proxy)) as client:
        assert _asked(client, b"hello") == b"hello"
        proxy.close()
        with pytest.raises(ConnectionResetError):
            client.recv(CHUNK_BYTES)
        proxy.close()

    assert not [thread for thread in threading.enumerate() if thread.name == "proxy"]


def _connect(proxy: ChaosProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=ANSWER_SECONDS)


def _asked(connection: socket.socket, words: bytes) -> bytes:
    connection.sendall(words)
    return connection.recv(CHUNK_BYTES)
