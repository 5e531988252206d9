"""The real server in the test's own event loop, on a free port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from hypercorn.asyncio import serve
from quart import Quart

from headway.settings import Settings
from quart_app import create_app
from quart_app.__main__ import _config
from quart_app.door.asgi import door
from quart_app.live.relay import RedisLink
from quart_app.services import EXTENSION, Services
from tests.support.valkey import free_port
from tests.support.waiting import eventually_async

# Seconds that one answer may take on a busy machine.
ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where it is, its parts, and a client for it."""

    url: str
    settings: Settings
    parts: Services
    client: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """GET a path."""
        return await self.client.get(path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        """POST to a path."""
        return await self.client.post(path, **more)

    async def submit(self, kind: str, **params: Any) -> Any:
        """Start a job by the API; returns its record."""
        reply = await self.post("/api/jobs", json={"kind": kind, "params": params})
        assert reply.status_code == 202, reply.text
        return reply.json()


@asynccontextmanager
async def serving(settings: Settings, *, live: bool = True, port: int = 0) -> AsyncIterator[Server]:
    """A server for the length of a `with`; `live` waits until changes are pushed.

    With no `port` it is any that is free.
    """
    settings = settings.model_copy(update={"port": port or free_port()})
    app, over = create_app(settings), asyncio.Event()
    task = asyncio.create_task(_served(app, settings, over))
    url = f"http://127.0.0.1:{settings.port}"
    try:
        await eventually_async(lambda: _answers(settings.port, task))
        parts: Services = app.extensions[EXTENSION]
        if live:
            await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
        async with httpx.AsyncClient(
            base_url=url, trust_env=False, timeout=ANSWER_SECONDS
        ) as client:
            yield Server(url, settings, parts, client)
        parts.hub.close()
        await asyncio.wait_for(parts.hub.empty.wait(), ANSWER_SECONDS)
    finally:
        over.set()
        await asyncio.wait_for(task, ANSWER_SECONDS)


async def _served(app: Quart, settings: Settings, over: asyncio.Event) -> None:
    served = door(app, settings.url_prefix)
    await serve(served, _config(settings), shutdown_trigger=over.wait)


async def _answers(port: int, task: asyncio.Task[None]) -> bool:
    if task.done():
        task.result()
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
