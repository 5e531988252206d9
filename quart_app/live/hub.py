"""The hub: hands events to the watchers in this process. It knows neither Redis nor Quart.

A watcher holds at most the newest event of each job it watches, so memory is bounded by what
is watched, a slow browser skips frames, and the end of a job can not be pushed out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from quart_app.live.event import Event
from quart_app.live.pace import Pace

# A watcher of everything that is this many jobs behind begins anew with a snapshot.
MOST_PENDING = 1_000


@dataclass(slots=True)
class Frame:
    """What a watcher has to send now: events by seq, notices by name, or all anew."""

    events: list[Event] = field(default_factory=list)
    notices: dict[str, bytes] = field(default_factory=dict)
    resync: bool = False


class Watcher:
    """One open stream's place in the hub."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._frame = Frame()
        self._events: dict[str, Event] = {}
        self._wake = asyncio.Event()
        self._pause: asyncio.Future[None] | None = None
        self._at_once = False
        self._sent_at = float("-inf")
        self.closed = False

    def offer(self, event: Event) -> None:
        """Take an event, unless a newer one of the same job is here."""
        known = self._events.get(event.id)
        if known is not None and known.seq >= event.seq:
            return
        self._events[event.id] = event
        if len(self._events) > MOST_PENDING:
            # In its own time: at once, a watcher that is flooded would read anew without a rest.
            self._begin_anew()
        self._wake.set()

    def notice(self, name: str, encoded: bytes) -> None:
        """Take an event about something else than a job; the newest of each name counts."""
        self._frame.notices[name] = encoded
        self._wake.set()

    def resync(self) -> None:
        """Ask the stream to read its state anew, at once."""
        self._begin_anew()
        self._wake_now()

    def close(self) -> None:
        """Ask the stream to end, at once; may be called twice."""
        self.closed = True
        self._wake_now()

    async def frame(self, within: float) -> Frame | None:
        """The next frame, at once after a quiet time, else when the frame's length is over.

        None when nothing happened `within` so many seconds.
        """
        try:
            async with asyncio.timeout(within):
                await self._wake.wait()
        except TimeoutError:
            return None
        if not self._at_once:
            await self._rest_of_frame()
        return self._take()

    async def _rest_of_frame(self) -> None:
        self._pace.measure()
        rest = self._sent_at + self._pace.seconds - time.monotonic()
        if rest <= 0:
            return
        # What asyncio.sleep does, except that this can be woken; a timeout around a wait would
        # cost each frame of each stream an exception.
        loop = asyncio.get_running_loop()
        self._pause = loop.create_future()
        timer = loop.call_later(rest, _end, self._pause)
        try:
            await self._pause
        finally:
            timer.cancel()
            self._pause = None

    def _wake_now(self) -> None:
        self._at_once = True
        self._wake.set()
        if self._pause is not None:
            _end(self._pause)

    def _begin_anew(self) -> None:
        self._events.clear()
        self._frame.resync = True

    def _take(self) -> Frame:
        self._wake.clear()
        self._at_once = self.closed
        self._sent_at = time.monotonic()
        frame, self._frame = self._frame, Frame()
        frame.events = sorted(self._events.values(), key=lambda event: event.seq)
        self._events.clear()
        return frame


def _end(pause: asyncio.Future[None]) -> None:
    if not pause.done():
        pause.set_result(None)


class Hub:
    """The watchers of this process, by what they watch."""

    def __init__(self) -> None:
        self._of_job: dict[str, set[Watcher]] = {}
        self._of_all: set[Watcher] = set()
        self._pace = Pace()
        self._count = 0
        self.empty = asyncio.Event()
        self.empty.set()
        self.closed = False

    def __len__(self) -> int:
        return self._count

    @property
    def watched(self) -> bool:
        """True when somebody watches the list."""
        return bool(self._of_all)

    @contextmanager
    def watch(self, job_id: str | None = None) -> Iterator[Watcher]:
        """A place for one stream: of one job, or of all when none is named."""
        watcher = Watcher(self._pace)
        if self.closed:
            watcher.close()
        place = self._of_all if job_id is None else self._of_job.setdefault(job_id, set())
        place.add(watcher)
        self._count += 1
        self.empty.clear()
        try:
            yield watcher
        finally:
            place.discard(watcher)
            self._count -= 1
            if job_id is not None and not place and self._of_job.get(job_id) is place:
                del self._of_job[job_id]
            if not self._count:
                self.empty.set()

    def deliver(self, event: Event) -> None:
        """Hand an event to whoever watches its job or all; never waits."""
        for watcher in self._of_job.get(event.id, ()):
            watcher.offer(event)
        for watcher in self._of_all:
            watcher.offer(event)

    def notify(self, name: str, encoded: bytes, *, everybody: bool = False) -> None:
        """Hand on news of the system: to those who watch the list, or to everybody."""
        for watcher in self._everybody() if everybody else self._of_all:
            watcher.notice(name, encoded)

    def resync(self) -> None:
        """Have every stream read its state anew."""
        for watcher in self._everybody():
            watcher.resync()

    def close(self) -> None:
        """End every stream, and each that comes later; may be called twice."""
        self.closed = True
        for watcher in self._everybody():
            watcher.close()

    def _everybody(self) -> list[Watcher]:
        return [*self._of_all, *(w for watchers in self._of_job.values() for w in watchers)]
