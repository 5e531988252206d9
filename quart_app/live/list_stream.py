"""The list's stream: a snapshot or what changed since, then every change the filter lets by.

Each takes its place in the hub first, then reads its state, then sends what is newer; it takes
the place inside the generator, because a generator that never starts never cleans up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from headway.errors import StoreUnavailable
from headway.model.record import JsonDict, dumps
from headway.store import JobFilter
from quart_app.live import signals, sse
from quart_app.live.event import Event, event_of_record, gone
from quart_app.live.position import Position
from quart_app.paging import within

if TYPE_CHECKING:
    from quart_app.access import Access
    from quart_app.live.backend import Backend
    from quart_app.live.hub import Frame

# Jobs of a snapshot; a client that missed more changes than this gets one.
SNAPSHOT_JOBS = 100
# It ends before it would be longer than this, in bytes: with what else is in a snapshot it is a
# line under 128 KiB, on which clients made on aiohttp break. A hundred usual jobs are that long.
SNAPSHOT_BYTES = 112 * 1024
# Most jobs of which a stream remembers that it showed them.
REMEMBERED_JOBS = 1_000


class ListStream:
    """The list: a snapshot or what changed since, then every change that the filter lets by."""

    def __init__(
        self, backend: Backend, wanted: JobFilter, access: Access, after: Position | None
    ) -> None:
        self._backend = backend
        self._wanted = access.narrowed(wanted)
        self._after = after if after and after.epoch == backend.relay.epoch else None
        self._floor = 0
        # Jobs this client was shown: it has to hear when one leaves the filter. None when that
        # is not known, after a resume or when they are too many: then it hears of every job that
        # does not fit.
        self._shown: set[str] | None = set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._backend.hub.watch() as watcher:
            yield signals.greeting() + signals.pulse_event(self._backend.relay)
            try:
                yield await self._begin()
                while True:
                    frame = await watcher.frame(signals.HEARTBEAT_SECONDS)
                    if frame is None:
                        yield signals.HEARTBEAT
                        continue
                    piece = await self._piece(frame)
                    if piece:
                        yield piece
                    if watcher.closed:
                        yield signals.drained()
                        return
            except StoreUnavailable:
                return

    async def _piece(self, frame: Frame) -> bytes:
        notices = b"".join(frame.notices.values())
        if frame.resync:
            return notices + await self._snapshot()
        newer = [event for event in frame.events if event.seq > self._floor]
        # The cursor as it was when the frame was taken: what comes during a search is not in it.
        return notices + await self._changes(newer, max(self._backend.relay.cursor, self._floor))

    async def _begin(self) -> bytes:
        if self._after is None:
            return await self._snapshot()
        since = await self._backend.reader.changes_since(self._after.seq)
        if since.seq < self._after.seq or len(since.records) >= SNAPSHOT_JOBS:
            return await self._snapshot()
        self._floor = since.seq
        events = [event_of_record(record) for record in since.records]
        self._shown = None
        return await self._changes(events, since.seq)

    async def _snapshot(self) -> bytes:
        snapshot = await self._backend.reader.newest(self._wanted, most=SNAPSHOT_JOBS)
        self._floor = snapshot.seq
        # Each is put into JSON once: a crowd that comes back gets a snapshot each.
        jobs = [dumps(record.to_event()) for record in snapshot.records]
        count = within(SNAPSHOT_BYTES, jobs)
        self._shown = {record.id for record in snapshot.records[:count]}
        rest: JsonDict = {
            "cursor": str(Position(snapshot.epoch, snapshot.seq)),
            **await self._backend.board.read(),
        }
        body = f'{{"jobs":[{",".join(jobs[:count])}],{dumps(rest).removeprefix("{")}'
        return sse.encode_json("snapshot", body.encode())

    async def _changes(self, events: list[Event], seq: int) -> bytes:
        fitting = await self._fitting(events)
        pieces: list[bytes] = []
        for event in events:
            if event.id in fitting:
                self._show(event.id)
                pieces.append(event.encoded)
            elif self._hide(event.id) or self._unknown_whether_shown(event):
                pieces.append(gone(event.id))
        return self._with_position(pieces, seq)

    def _with_position(self, pieces: list[bytes], seq: int) -> bytes:
        # Only the frame's last job event names the position, or a client that was cut off in
        # the middle of the frame would resume after events that it never got.
        for index in range(len(pieces) - 1, -1, -1):
            if pieces[index].startswith(b"event: job"):
                position = Position(self._backend.relay.epoch, seq)
                moved = pieces.pop(index)
                return b"".join(pieces) + sse.id_line(str(position)) + moved
        return b"".join(pieces)

    async def _fitting(self, events: list[Event]) -> set[str]:
        fitting = {event.id for event in events if self._wanted.fits(event)}
        if self._wanted.q:
            return await self._backend.reader.matching(self._wanted, fitting)
        return fitting

    def _hide(self, job_id: str) -> bool:
        if self._shown is None or job_id not in self._shown:
            return False
        self._shown.remove(job_id)
        return True

    def _unknown_whether_shown(self, event: Event) -> bool:
        # A list is longer than a snapshot: what lies below it was shown by another answer. The
        # jobs of other owners never were, and even that there are any is not for this client.
        unknown = self._shown is None or event.deleted
        return unknown and self._wanted.owner in (None, event.owner)

    def _show(self, job_id: str) -> None:
        if self._shown is None:
            return
        self._shown.add(job_id)
        if len(self._shown) > REMEMBERED_JOBS:
            self._shown = None
