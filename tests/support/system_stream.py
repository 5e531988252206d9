"""A stream as a client sees it: HTTP/1.1 by hand, to see also how the response ends.

Libraries hide whether the terminating chunk came, and cannot leave as rudely as browsers do.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

# The `linger` that makes a close send RST instead of FIN: on, zero seconds.
RESET = struct.pack("ii", 1, 0)
# Most bytes of one chunk: a snapshot of a hundred jobs is far below.
CHUNK_BYTES = 8 * 1024 * 1024
# Seconds until a server that is there has answered.
ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Received:
    """One event; `at` is when it came, on this process' monotonic clock, in seconds.

    `data` is None where there was none, which is a fault: clients break on such a message.
    """

    name: str
    data: Any
    id: str | None
    at: float


class Stream:
    """One open response of events."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended_well = False  # the terminating chunk came

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def __aiter__(self) -> AsyncIterator[Received]:
        """The events, up to the end of the response, be it good or bad."""
        block: list[str] = []
        async for line in self._lines():
            if line:
                block.append(line)
            elif block:
                yield _parsed(block)
                block = []

    def reset(self) -> None:
        """Leave with RST, as a killed browser does."""
        plain: socket.socket = self._writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._writer.transport.abort()

    def half_close(self) -> None:
        """Say that no more requests come, and go on reading."""
        self._writer.write_eof()

    def send_again(self, path: str) -> None:
        """Ask for more before the answer is complete."""
        self._writer.write(_request(path, None))

    async def drain(self) -> None:
        """Read to the end without looking: what a watcher costs the server, and hardly us."""
        while await self._reader.read(CHUNK_BYTES):
            pass

    async def begin(self) -> None:
        """Read the answer's head."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.status = int(head[0].split()[1])
        fields = (line.partition(":") for line in head[1:] if line)
        self.headers = {name.lower(): value.strip() for name, _, value in fields}

    async def _lines(self) -> AsyncIterator[str]:
        begun = b""
        async for chunk in self._chunks():
            *lines, begun = (begun + chunk).split(b"\n")
            for line in lines:
                yield line.decode()

    async def _chunks(self) -> AsyncIterator[bytes]:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                yield await self._reader.readexactly(size)
                await self._reader.readexactly(2)
            self.ended_well = True


async def open_stream(port: int, path: str, *, last_id: str | None = None) -> Stream:
    """Ask for a stream; returns when its head came. Raises OSError where nobody answers."""
    async with asyncio.timeout(ANSWER_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=CHUNK_BYTES)
        stream = Stream(reader, writer)
        try:
            writer.write(_request(path, last_id, port))
            await stream.begin()
        except asyncio.IncompleteReadError as error:
            writer.close()
            raise ConnectionResetError("the server closed before it answered") from error
        except BaseException:  # a cancel too must leave nothing open
            writer.close()
            raise
    return stream


def _request(path: str, last_id: str | None, port: int = 0) -> bytes:
    fields = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: text/event-stream"]
    if last_id:
        fields.append(f"Last-Event-ID: {last_id}")
    return "\r\n".join([*fields, "", ""]).encode()


def _parsed(block: list[str]) -> Received:
    fields: dict[str, str] = {}
    for line in block:
        name, _, value = line.partition(":")
        fields[name] = value.removeprefix(" ")
    data = json.loads(fields["data"]) if "data" in fields else None
    return Received(fields.get("event", "message"), data, fields.get("id"), time.monotonic())
