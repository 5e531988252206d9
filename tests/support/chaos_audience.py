"""An audience: people who watch all the time, in a loop and thread of their own.

The test kills and waits meanwhile; what each of them knows can be looked at any time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Self, TypeVar

from tests.support.system_stream import Received
from tests.support.system_watchers import JobWatcher, ListWatcher, Watcher

Kind = TypeVar("Kind", bound=Watcher)

# Seconds for the last watcher to have left.
LEAVE_SECONDS = 10.0
# A list's filter for what is not over yet.
ONGOING = "?status=queued,scheduled,deferred,started"


class DashboardWatcher(ListWatcher):
    """Somebody at the dashboard, who also sees whether changes are pushed."""

    def __init__(self, port: int, query: str = "") -> None:
        super().__init__(port, query)
        self.redis_links: list[str] = []  # what was said of Redis: live, away, live ...

    def take(self, event: Received) -> None:
        """The same, and the relay's link to Redis."""
        if event.name == "relay":
            self.redis_links.append(event.data["redis"])
        super().take(event)


class Audience:
    """Watchers of one server, for the length of a `with`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="audience", daemon=True)
        self._visits: list[asyncio.Task[None]] = []
        self.watchers: list[Watcher] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LEAVE_SECONDS)
        self._loop.close()

    def at_the_dashboard(self, query: str = "") -> DashboardWatcher:
        """Somebody who watches the list."""
        return self.seat(DashboardWatcher(self._port, query))

    def at_a_job(self, job_id: str) -> JobWatcher:
        """Somebody who watches one job."""
        return self.seat(JobWatcher(self._port, job_id))

    def leave(self) -> None:
        """Everybody goes home; may be called twice."""
        asyncio.run_coroutine_threadsafe(self._see_off(), self._loop).result(LEAVE_SECONDS)
        self.watchers = []

    def told(self, condition: Callable[[Watcher], bool]) -> bool:
        """True when the condition holds for everybody."""
        return all(condition(watcher) for watcher in self.watchers)

    def seat(self, watcher: Kind) -> Kind:
        """Let a watcher of the test's own begin."""
        self.watchers.append(watcher)
        self._loop.call_soon_threadsafe(self._let_in, watcher)
        return watcher

    def _let_in(self, watcher: Watcher) -> None:
        self._visits.append(self._loop.create_task(watcher.watch()))

    async def _see_off(self) -> None:
        visits, self._visits = self._visits, []
        for visit in visits:
            visit.cancel()
        # Whatever a watcher died of, its test sees that it does not know the truth.
        await asyncio.gather(*visits, return_exceptions=True)
