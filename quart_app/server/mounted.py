"""Headway inside another ASGI app, on whatever server that one has.

Starlette and FastAPI tell what they mount nothing of the server's start and end, and Django knows
neither: so the parts open with the first request, unless somebody opens them before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

from quart import Quart

from headway.errors import StoreUnavailable
from headway.model.record import dumps
from headway.settings import Settings
from headway.store.schema import ensure_schema
from quart_app.server.told_of_end import told_of_end
from quart_app.services import EXTENSION

# How long, in seconds, the end waits for requests that go on; streams end at once.
DRAIN_SECONDS = 5.0
RETRY_AFTER_SECONDS = 5

Served = Callable[[Any, Any, Any], Awaitable[None]]

log = logging.getLogger(__name__)


class Mounted:
    """An ASGI app to be mounted; it may begin and end any number of times, in any loop."""

    def __init__(self, settings: Settings, make: Callable[[], tuple[Quart, Served]]) -> None:
        """`make` makes the app, and the app as it is served; a first time here."""
        self._settings = settings
        self._make = make
        self._made: tuple[Quart, Served] | None = make()  # what is set wrongly shows at once
        self._life: _Life | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or follow the server's life if the site tells of it."""
        if scope["type"] == "lifespan":
            await self._follow(receive, send)
            return
        try:
            life = await self._begun()
        except StoreUnavailable as error:
            log.warning("the store cannot be used: %s", error)
            await _not_yet(send)
        else:
            await life.serve(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _site: object = None) -> AsyncIterator[None]:
        """Open the parts, and close them afterwards; to be given to a site as its own lifespan.

        Where the store cannot be used, the site starts all the same.
        """
        await self._begin()
        try:
            yield
        finally:
            await self._end()

    async def _follow(self, receive: Any, send: Any) -> None:
        while (await receive())["type"] == "lifespan.startup":
            await self._begin()
            await send({"type": "lifespan.startup.complete"})
        await self._end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _begin(self) -> None:
        try:
            await self._begun()
        except StoreUnavailable as error:
            log.warning("Headway begins once its store can be used: %s", error)

    async def _begun(self) -> _Life:
        """The life that goes on, or a new one. Raises StoreUnavailable."""
        life = self._life
        if life is None or life.over:
            made, self._made = self._made or self._make(), None
            life = self._life = _Life(self._settings, *made)
        await life.opened()
        return life

    async def _end(self) -> None:
        if self._life is not None:
            await self._life.end()


class _Life:
    """The parts from their opening to their closing, in a task of their own.

    A task ends with its loop, also where nobody says when the site ends.
    """

    def __init__(self, settings: Settings, app: Quart, served: Served) -> None:
        self._settings = settings
        self._app = app
        self._served = served
        self._loop = asyncio.get_running_loop()
        self._open: asyncio.Future[None] = self._loop.create_future()
        self._asked = asyncio.Event()
        self._requests = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = self._loop.create_task(self._run(), name="Headway")

    @property
    def over(self) -> bool:
        """True when another life has to begin for the next request."""
        gone = self._loop is not asyncio.get_running_loop()
        return gone or self._asked.is_set() or self._task.done()

    async def opened(self) -> None:
        """Wait until the parts are open. Raises what kept them from it."""
        await asyncio.shield(self._open)  # a client that leaves does not take it from the others

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        self._requests += 1
        self._idle.clear()
        try:
            await self._served(scope, receive, send)
        finally:
            self._requests -= 1
            if not self._requests:
                self._idle.set()

    async def end(self) -> None:
        """End the streams, and close the parts when no request needs them."""
        self._asked.set()
        if self._loop is asyncio.get_running_loop():
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            await asyncio.to_thread(ensure_schema, self._settings)
            await self._app.startup()
            self._open.set_result(None)
        except Exception as error:  # noqa: BLE001  # raised in whoever waits
            self._open.set_exception(error)
            self._open.exception()  # perhaps nobody does any more
            return
        finally:
            if not self._open.done():
                self._open.cancel()
        try:
            with told_of_end(self._asked.set):
                await self._asked.wait()
        finally:
            await self._close()

    async def _close(self) -> None:
        self._asked.set()
        self._app.extensions[EXTENSION].hub.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle.wait()
        await self._app.shutdown()


async def _not_yet(send: Any) -> None:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    detail = "The store cannot be used at the moment."
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body = dumps(problem | {"detail": detail, "error": detail}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"retry-after", b"%d" % RETRY_AFTER_SECONDS),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
