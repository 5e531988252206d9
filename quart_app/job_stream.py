"""One job's stream: the record as it is, each newer state in frames, the end.

Each takes its place in the hub first, then reads its state, then sends what is newer; it takes
the place inside the generator, because a generator that never starts never cleans up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from jobs.errors import StoreUnavailable, UnknownJob
from jobs.records import dumps
from quart_app import signals, sse
from quart_app.event import Event, event_of_record
from quart_app.position import Position
from quart_app.relay import Pulse

if TYPE_CHECKING:
    from quart_app.backend import Backend
    from quart_app.hub import Frame, Watcher

# Log lines of one event.
LOG_LINES = 500


class JobStream:
    """One job's life: the record as it is, each newer state in frames, the end."""

    def __init__(
        self, backend: Backend, job_id: str, after: Position | None, *, log: bool = False
    ) -> None:
        self._backend = backend
        self._job_id = job_id
        self._epoch = backend.relay.epoch
        self._seq = after.seq if after and after.epoch == self._epoch else 0
        self._log_lines = 0 if log else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._backend.hub.watch(self._job_id) as watcher:
            yield signals.greeting() + self._pulse()
            try:
                first = await self._now()
                yield signals.HEARTBEAT if first is None else await self._encoded(first)
                if first is not None and first.final:
                    return
                async for piece in self._newer(watcher):
                    yield piece
            except (StoreUnavailable, UnknownJob):
                # There is no status to send any more; the client comes back and is told.
                return

    async def _newer(self, watcher: Watcher) -> AsyncIterator[bytes]:
        while True:
            frame = await watcher.frame(signals.HEARTBEAT_SECONDS)
            if frame is None:
                yield signals.HEARTBEAT
                continue
            event = await self._anew() if frame.resync else _newest(frame)
            piece = b"".join(frame.notices.values())
            if event is not None and event.seq > self._seq:
                piece += await self._encoded(event)
            if piece:
                yield piece
            if event is not None and event.final:
                return
            if watcher.closed:
                yield signals.drained()
                return

    async def _anew(self) -> Event | None:
        relay = self._backend.relay
        if self._epoch != relay.epoch or relay.cursor < self._seq:
            # Another store took this one's place, or an older copy of it: what was sent is newer
            # than nothing there.
            self._epoch, self._seq = relay.epoch, 0
        return await self._now()

    async def _now(self) -> Event | None:
        event = event_of_record(await self._backend.reader.job(self._job_id))
        # A client that is ahead of the record saw a store of which this is an older copy.
        return event if event.seq != self._seq else None

    async def _encoded(self, event: Event) -> bytes:
        self._seq = event.seq
        position = Position(self._backend.relay.epoch, event.seq)
        lines = b"" if event.deleted else await self._missing_lines(event.log_lines)
        if event.deleted:
            return event.encoded
        return lines + sse.id_line(str(position)) + event.encoded

    async def _missing_lines(self, there_are: int) -> bytes:
        if self._log_lines is None:
            return b""
        pieces = []
        while self._log_lines < there_are:
            lines = await self._backend.reader.log(
                self._job_id, after=self._log_lines, most=LOG_LINES
            )
            if not lines:
                break
            body = {"from": self._log_lines + 1, "lines": [line["text"] for line in lines]}
            pieces.append(sse.encode_json("log", dumps(body).encode()))
            self._log_lines = lines[-1]["number"]
        return b"".join(pieces)

    def _pulse(self) -> bytes:
        pulse = self._backend.relay.pulse
        return b"" if pulse is Pulse.LIVE else signals.pulse_event(pulse)


def _newest(frame: Frame) -> Event | None:
    return frame.events[-1] if frame.events else None
