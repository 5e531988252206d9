"""The hub: hands events to the watchers in this process.

A watcher holds at most the newest event of each job it watches, so memory is bounded by what
is watched, a slow browser skips frames, and the end of a job cannot be pushed out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from quart_app.live.event import Event

# A watcher of all jobs that has this many pending starts over with a snapshot.
MOST_PENDING = 1_000

# A page that changes ten times a second looks continuous; more often costs and shows nothing.
SHORTEST_SECONDS = 0.1
LONGEST_SECONDS = 2.0
# Share of one core that the process may use before frames stretch, and below which they shrink.
BUSY = 0.6
CALM = 0.35
STRETCH = 1.5
SHRINK = 0.8
MEASURED_SECONDS = 0.25


@dataclass(slots=True)
class Frame:
    """What a watcher has to send now: events by seq, notices by name, or its whole state again."""

    events: list[Event] = field(default_factory=list)
    notices: dict[str, bytes] = field(default_factory=dict)
    resync: bool = False


class FrameInterval:
    """How long, in seconds, a watcher gathers changes before the next write to it.

    A write costs about 60 us a stream. With many streams and changes a fixed interval would use up
    the process, so it stretches with the measured load.
    """

    def __init__(
        self, shortest_seconds: float = SHORTEST_SECONDS, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        self._shortest_seconds = shortest_seconds
        self._longest_seconds = longest_seconds
        self.seconds = shortest_seconds
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def measure(self) -> None:
        """Adapt to the load since the last measurement; cheap, called for every frame."""
        wall = time.monotonic()
        if wall - self._wall < MEASURED_SECONDS:
            return
        cpu = time.process_time()
        self.adapt((cpu - self._cpu) / (wall - self._wall))
        self._wall, self._cpu = wall, cpu

    def adapt(self, load: float) -> None:
        """Adapt to a load: the share of one core that was used."""
        if load > BUSY:
            self.seconds = min(self.seconds * STRETCH, self._longest_seconds)
        elif load < CALM:
            self.seconds = max(self.seconds * SHRINK, self._shortest_seconds)


class Watcher:
    """One open stream's place in the hub."""

    def __init__(self, interval: FrameInterval, most_pending: int) -> None:
        self._interval = interval
        self._most_pending = most_pending
        self._frame = Frame()
        self._events: dict[str, Event] = {}
        self._wake = asyncio.Event()
        self._at_once = asyncio.Event()
        self._sent_at = float("-inf")
        self.closed = False

    def offer(self, event: Event) -> None:
        """Take an event, unless a newer one of the same job is here."""
        known = self._events.get(event.id)
        if known is not None and known.seq >= event.seq:
            return
        self._events[event.id] = event
        if len(self._events) > self._most_pending:
            # Not at once: a flooded watcher would read the store without a pause.
            self._start_over()
        self._wake.set()

    def notice(self, name: str, encoded: bytes) -> None:
        """Take an event that is not about a job; the newest of each name counts."""
        self._frame.notices[name] = encoded
        self._wake.set()

    def resync(self) -> None:
        """Make the stream read its whole state again, at once."""
        self._start_over()
        self._wake_now()

    def close(self) -> None:
        """Make the stream end, at once; may be called twice."""
        self.closed = True
        self._wake_now()

    async def frame(self, within: float) -> Frame | None:
        """The next frame: at once after a quiet time, else when the frame interval is over.

        None when nothing happened `within` this many seconds.
        """
        try:
            async with asyncio.timeout(within):
                await self._wake.wait()
        except TimeoutError:
            return None
        await self._rest_of_frame()
        return self._take()

    async def _rest_of_frame(self) -> None:
        self._interval.measure()
        rest = self._sent_at + self._interval.seconds - time.monotonic()
        if rest <= 0 or self._at_once.is_set():
            return
        # A sleep that can be cut short; a timeout around the wait would cost each frame of each
        # stream an exception.
        timer = asyncio.get_running_loop().call_later(rest, self._at_once.set)
        try:
            await self._at_once.wait()
        finally:
            timer.cancel()

    def _wake_now(self) -> None:
        self._at_once.set()
        self._wake.set()

    def _start_over(self) -> None:
        self._events.clear()
        self._frame.resync = True

    def _take(self) -> Frame:
        self._wake.clear()
        if not self.closed:
            self._at_once.clear()
        self._sent_at = time.monotonic()
        frame, self._frame = self._frame, Frame()
        frame.events = sorted(self._events.values(), key=lambda event: event.seq)
        self._events.clear()
        return frame


class Hub:
    """The watchers of this process, by what they watch."""

    def __init__(
        self, *, frame_interval: FrameInterval | None = None, most_pending: int = MOST_PENDING
    ) -> None:
        self._interval = frame_interval or FrameInterval()
        self._most_pending = most_pending
        # By the job that is watched; under None the watchers of all jobs.
        self._watchers: dict[str | None, set[Watcher]] = {}
        self.empty = asyncio.Event()
        self.empty.set()
        self.closed = False

    def __len__(self) -> int:
        return sum(map(len, self._watchers.values()))

    @property
    def watched(self) -> bool:
        """True while a list is watched."""
        return None in self._watchers

    @contextmanager
    def watch(self, job_id: str | None = None) -> Iterator[Watcher]:
        """A watcher for one stream: of one job, or of all jobs when none is named."""
        watcher = Watcher(self._interval, self._most_pending)
        if self.closed:
            watcher.close()
        place = self._watchers.setdefault(job_id, set())
        place.add(watcher)
        self.empty.clear()
        try:
            yield watcher
        finally:
            place.remove(watcher)
            if not place:
                del self._watchers[job_id]
            if not self._watchers:
                self.empty.set()

    def deliver(self, event: Event) -> None:
        """Hand an event to those who watch its job or all jobs; never waits."""
        for watched in (event.id, None):
            for watcher in self._watchers.get(watched, ()):
                watcher.offer(event)

    def notify(self, name: str, encoded: bytes, *, everybody: bool = False) -> None:
        """Hand an event that is not about a job to the watchers of all jobs, or to everybody."""
        for watcher in self._everybody() if everybody else self._watchers.get(None, ()):
            watcher.notice(name, encoded)

    def resync(self) -> None:
        """Make every stream read its whole state again."""
        for watcher in self._everybody():
            watcher.resync()

    def close(self) -> None:
        """End every stream, now and later; may be called twice."""
        self.closed = True
        for watcher in self._everybody():
            watcher.close()

    def _everybody(self) -> list[Watcher]:
        return [watcher for watchers in self._watchers.values() for watcher in watchers]
