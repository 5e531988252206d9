"""Writing from the web: one thread with one client, each piece of work whole in one call.

A request that is cancelled halfway leaves nothing half-done: the thread finishes the piece, and no
transaction ever waits for an `await`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from headway.client import Client
from headway.errors import StoreUnavailable
from headway.settings import Settings
from headway.store.connection import BUSY_MILLISECONDS

Answer = TypeVar("Answer")

# Pieces of work that may wait for the thread; beyond that, clients are asked to come back later.
MOST_WAITING = 200
# A piece waits this long, in milliseconds, for another process' write, counted from its request, so
# that behind a locked store the pieces wait together. The least is for a store that is just busy.
LONGEST_BUSY_MILLISECONDS = BUSY_MILLISECONDS
LEAST_BUSY_MILLISECONDS = 100


class WritingThread:
    """Owns the web's only client, which writes to the store and to RQ."""

    def __init__(
        self,
        settings: Settings,
        *,
        longest_busy_milliseconds: int = LONGEST_BUSY_MILLISECONDS,
        least_busy_milliseconds: int = LEAST_BUSY_MILLISECONDS,
    ) -> None:
        self._settings = settings
        self.longest_busy_milliseconds = longest_busy_milliseconds
        self.least_busy_milliseconds = least_busy_milliseconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writing")
        self._client: Client | None = None
        self._waiting = 0

    async def do(self, work: Callable[[Client], Answer]) -> Answer:
        """Run a piece of work in the thread. Raises what it raises, StoreUnavailable."""
        if self._waiting >= MOST_WAITING:
            raise StoreUnavailable("Too much is waiting to be written.")
        self._waiting += 1
        loop = asyncio.get_running_loop()
        asked = time.monotonic()
        running = loop.run_in_executor(self._thread, lambda: work(self._client_in_time(asked)))
        running.add_done_callback(self._done)
        return await asyncio.shield(running)

    async def close(self) -> None:
        """Finish what is waiting and let go; may be called twice."""
        if self._client is not None:
            client, self._client = self._client, None
            await asyncio.get_running_loop().run_in_executor(self._thread, client.close)
        self._thread.shutdown(wait=False)

    def _client_in_time(self, asked: float) -> Client:
        if self._client is None:
            self._client = Client(self._settings)
        waited = round(1000 * (time.monotonic() - asked))
        left = max(self.least_busy_milliseconds, self.longest_busy_milliseconds - waited)
        self._client.store.wait_up_to(left)
        return self._client

    def _done(self, running: asyncio.Future[Answer]) -> None:
        self._waiting -= 1
        if not running.cancelled():
            running.exception()  # a client that left does not retrieve it
