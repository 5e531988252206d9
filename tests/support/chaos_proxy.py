"""A way to a port of this machine that can be slow, silent, broken or half closed.

It passes bytes on and knows no protocol. Its loop runs in a thread of its own, so that a test
that waits does not stop it; every switch takes effect on what is open and on what comes.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable
from concurrent.futures import Future
from contextlib import suppress
from enum import StrEnum
from typing import Self, TypeVar

Answer = TypeVar("Answer")

HOST = "127.0.0.1"
# Most bytes held for one way of one connection: what was read, and what waits to be written.
CHUNK_BYTES = 65_536
# Seconds until a switch has taken effect, on a busy machine.
SWITCH_SECONDS = 10.0
# The `linger` that makes a close send RST instead of FIN: on, zero seconds.
RESET = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    """What a proxy does to the bytes between two that talk."""

    NONE = "none"
    DELAY = "delay"  # every piece is held for some time
    BLACKHOLE = "blackhole"  # nothing comes through, nothing is closed; later it all does
    RESET = "reset"  # every connection is cut with RST, a new one too
    HALF_CLOSE = "half-close"  # the client hears FIN, and what it says still arrives


class ChaosProxy:
    """Listens on a free port and passes on to another; for the length of a `with`."""

    def __init__(self, to_port: int, *, delay_seconds: float = 0.2) -> None:
        self.port = 0
        self.fault = Fault.NONE
        self._to_port = to_port
        self._delay_seconds = delay_seconds
        self._passage = asyncio.Event()
        self._ways: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._done(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._ways)

    def switch(self, fault: Fault) -> None:
        """From now on do this to every connection."""
        self._done(self._switch(fault))

    def close(self) -> None:
        """Cut every connection and end; may be called twice."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            self._done(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(SWITCH_SECONDS)
        self._loop.close()

    async def held_back(self) -> None:
        """What each piece has to pass before it is passed on."""
        if self.fault is Fault.DELAY:
            await asyncio.sleep(self._delay_seconds)
        await self._passage.wait()

    async def _listen(self) -> None:
        self._passage.set()
        self._server = await asyncio.start_server(self._serve, HOST, 0, limit=CHUNK_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _switch(self, fault: Fault) -> None:
        self.fault = fault
        if fault is Fault.BLACKHOLE:
            self._passage.clear()
        else:
            self._passage.set()
        for way in list(self._ways):
            way.suffer(fault)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = _Connection(self, reader, writer)
        self._ways.add(way)
        try:
            await way.run(self._to_port)
        finally:
            self._ways.discard(way)

    async def _end(self) -> None:
        self._server.close()
        for way in list(self._ways):
            way.suffer(Fault.RESET)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _done(self, work: Awaitable[Answer]) -> Answer:
        async def do() -> Answer:
            return await work

        future: Future[Answer] = asyncio.run_coroutine_threadsafe(do(), self._loop)
        return future.result(SWITCH_SECONDS)


class _Connection:
    """One client, and its connection to where it really wants to go."""

    def __init__(
        self, proxy: ChaosProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._onward: asyncio.StreamWriter | None = None
        self._said_no_more: set[asyncio.StreamWriter] = set()

    async def run(self, to_port: int) -> None:
        """Pass on in both directions until both sides have said their last."""
        try:
            with suppress(OSError):
                await self._proxy.held_back()
                coming, self._onward = await asyncio.open_connection(
                    HOST, to_port, limit=CHUNK_BYTES
                )
                self.suffer(self._proxy.fault)
                await asyncio.gather(
                    self._pass_on(self._reader, self._onward),
                    self._pass_on(coming, self._writer),
                )
        finally:
            for writer in self._writers():
                writer.transport.abort()

    def suffer(self, fault: Fault) -> None:
        """Do to this connection what cannot wait for its next piece."""
        if fault is Fault.RESET:
            for writer in self._writers():
                _reset(writer)
        elif fault is Fault.HALF_CLOSE:
            self._say_no_more(self._writer)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            sink.transport.set_write_buffer_limits(CHUNK_BYTES)
            while piece := await source.read(CHUNK_BYTES):
                await self._proxy.held_back()
                if not self._open(sink):
                    return
                sink.write(piece)
                await sink.drain()
            await self._proxy.held_back()
            self._say_no_more(sink)

    def _writers(self) -> list[asyncio.StreamWriter]:
        return [self._writer] if self._onward is None else [self._writer, self._onward]

    def _open(self, writer: asyncio.StreamWriter) -> bool:
        return not writer.is_closing() and writer not in self._said_no_more

    def _say_no_more(self, writer: asyncio.StreamWriter) -> None:
        if self._open(writer):
            self._said_no_more.add(writer)
            with suppress(OSError):
                writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    plain: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
