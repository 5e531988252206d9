"""A small client of event streams: the events one by one, and none waited for too long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent

from tests.support.app_server import Server

# Seconds that the next event may take on a busy machine.
NEXT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Got:
    """One event: its name, its data parsed, and the id that came with it or before it."""

    name: str
    data: Any
    id: str


class Listening:
    """An open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._events = EventSource(response).aiter_sse()

    async def next(self, *names: str) -> Got:
        """The next event, of one of these names if any are given. Fails when the stream ends."""
        async for got in self._until_the_end():
            if not names or got.name in names:
                return got
        raise AssertionError(f"the stream ended before {names or 'anything'}")

    async def until(self, name: str, **fields: Any) -> Got:
        """The next event of a name whose data has these fields."""
        while True:
            got = await self.next(name)
            if all(got.data.get(field) == value for field, value in fields.items()):
                return got

    async def rest(self) -> list[Got]:
        """Every further event, until the server ends the stream."""
        return [got async for got in self._until_the_end()]

    async def _until_the_end(self) -> AsyncIterator[Got]:
        while True:
            try:
                async with asyncio.timeout(NEXT_SECONDS):
                    event: ServerSentEvent = await anext(self._events)
            except StopAsyncIteration:
                return
            assert event.data, "a message without data, on which clients break"
            yield Got(event.event, json.loads(event.data), event.id)


@asynccontextmanager
async def reading(stream: AsyncGenerator[bytes, None]) -> AsyncIterator[Listening]:
    """Read a stream where it is made, without a server, for the length of a `with`."""
    headers = {"content-type": "text/event-stream"}
    async with aclosing(stream):
        yield Listening(httpx.Response(200, headers=headers, content=stream))


@asynccontextmanager
async def listening(
    server: Server, path: str, *, last_event_id: str | None = None
) -> AsyncIterator[Listening]:
    """Open a stream for the length of a `with`."""
    headers = {"Accept": "text/event-stream"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    async with server.client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        yield Listening(response)
