"""One job's stream: the record as it is, each newer state in frames, the end.

Each takes its place in the hub first, then reads its state, then sends what is newer; it takes
the place inside the generator, because a generator that never starts never cleans up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from headway.errors import StoreUnavailable, UnknownJob
from headway.model.record import JsonDict, dumps
from quart_app.live import signals, sse
from quart_app.live.event import Event, ended, event_of_record, gone
from quart_app.live.position import Position
from quart_app.live.relay import Pulse

if TYPE_CHECKING:
    from quart_app.live.backend import Backend
    from quart_app.live.hub import Frame, Watcher

# Log lines of one event, and their bytes of JSON: an event's data is one line, and clients made on
# aiohttp break on a line of more than 128 KiB.
LOG_LINES = 500
LOG_BYTES = 64 * 1024


class JobStream:
    """One job's life: the record as it is, each newer state in frames, the end."""

    def __init__(
        self, backend: Backend, job_id: str, after: Position | None, *, log: bool = False
    ) -> None:
        self._backend = backend
        self._job_id = job_id
        self._epoch = backend.relay.epoch
        known = after if after and after.epoch == self._epoch else None
        # The newest state that the client has, and the last line of the log if that comes along.
        self._seq = known.seq if known else 0
        self._line = ((known and known.line) or 0) if log else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Not a block of its own: to some clients that is a message without data.
        greeting = signals.greeting() + self._pulse()
        with self._backend.hub.watch(self._job_id) as watcher:
            try:
                async for piece in self._life(watcher):
                    yield greeting + piece
                    greeting = b""
            except UnknownJob:
                yield greeting + gone(self._job_id) + ended(self._job_id)
            except StoreUnavailable:
                # There is no status to send any more; the client comes back and is told.
                if greeting:
                    yield greeting + signals.HEARTBEAT

    async def _life(self, watcher: Watcher) -> AsyncIterator[bytes]:
        event = await self._now()
        if event is None:
            yield signals.HEARTBEAT
        while True:
            if event is not None:
                async for piece in self._told(event):
                    yield piece
                if event.final:
                    return
            if watcher.closed:
                yield signals.drained()
                return
            event, notices = await self._next(watcher)
            if notices:
                yield notices

    async def _next(self, watcher: Watcher) -> tuple[Event | None, bytes]:
        """What the next frame brings: a newer state, if it has one, and what else is to be said."""
        frame = await watcher.frame(signals.HEARTBEAT_SECONDS)
        if frame is None:
            return None, signals.HEARTBEAT
        event = await self._anew() if frame.resync else _newest(frame)
        # Of a state that was heard before the record was read, the record is the newer one.
        newer = event if event is not None and (frame.resync or event.seq > self._seq) else None
        return newer, b"".join(frame.notices.values())

    async def _anew(self) -> Event | None:
        relay = self._backend.relay
        if self._epoch != relay.epoch or relay.cursor < self._seq:
            # Another store took this one's place, or an older copy of it: what was sent is newer
            # than nothing there.
            self._epoch, self._seq = relay.epoch, 0
            self._line = None if self._line is None else 0
        return await self._now()

    async def _now(self) -> Event | None:
        """The state in the store; None when the client has it. Raises UnknownJob."""
        event = event_of_record(await self._backend.reader.job_as_event(self._job_id))
        has_lines = self._line is None or self._line >= event.log_lines
        # A client that is ahead of the record saw a store of which this is an older copy.
        return None if event.seq == self._seq and has_lines else event

    async def _told(self, event: Event) -> AsyncIterator[bytes]:
        """The log's lines up to a state, the state, and the end if it is the last."""
        last = b""
        if self._line is not None and not event.deleted:
            async for lines in self._missing_lines(event.log_lines):
                if last:
                    yield last
                last = lines
        if event.seq != self._seq:
            self._seq = event.seq
            last += event.encoded if event.deleted else self._id_line() + event.encoded
        if event.final:
            # In one write with the last state: who has that one is not left without its end.
            last += ended(event.id, None if event.deleted else event.status)
        yield last or signals.HEARTBEAT

    async def _missing_lines(self, there_are: int) -> AsyncIterator[bytes]:
        while self._line is not None and self._line < there_are:
            lines = await self._backend.reader.log(self._job_id, after=self._line, most=LOG_LINES)
            if not lines:
                break
            for run in _runs(lines):
                body = {"from": run[0]["number"], "lines": [line["text"] for line in run]}
                self._line = run[-1]["number"]
                yield self._id_line() + sse.encode_json("log", dumps(body).encode())

    def _id_line(self) -> bytes:
        """The position after the event that it is put before."""
        return sse.id_line(str(Position(self._epoch, self._seq, self._line)))

    def _pulse(self) -> bytes:
        relay = self._backend.relay
        calm = relay.pulse is Pulse.LIVE and relay.reason is None
        return b"" if calm else signals.pulse_event(relay)


def _newest(frame: Frame) -> Event | None:
    return frame.events[-1] if frame.events else None


def _runs(lines: list[JsonDict]) -> Iterator[list[JsonDict]]:
    """Lines that follow on one another, for an event names only its first line's number."""
    run: list[JsonDict] = []
    length = 0
    for line in lines:
        size = len(dumps(line["text"]).encode()) + 1
        if run and (line["number"] != run[-1]["number"] + 1 or length + size > LOG_BYTES):
            yield run
            run, length = [], 0
        run.append(line)
        length += size
    if run:
        yield run
