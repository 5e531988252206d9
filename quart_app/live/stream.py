"""Streams: one loop that sends what the hub brings, and the two views it can be of.

A stream takes its place in the hub first, then reads its state, then sends what is newer. It takes
the place inside the generator, because a generator that never starts never cleans up.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Protocol

from headway.errors import StoreUnavailable, UnknownJob
from headway.model.record import JsonDict, dumps
from headway.store import JobFilter, Reader
from quart_app.addresses import linked
from quart_app.live.event import (
    HEARTBEAT,
    Event,
    Position,
    encode,
    encode_json,
    ended,
    event_of_record,
    gone,
    id_line,
    retry_line,
)
from quart_app.live.hub import Frame, Hub
from quart_app.live.reached import reaching, with_links
from quart_app.live.relay import RedisLink, Relay
from quart_app.live.system_status import SystemStatus
from quart_app.paging import within

# A page distrusts twice as much silence.
HEARTBEAT_SECONDS = 5.0
RETRY_MILLISECONDS = 2_000
# When the server ends, each client gets another wait, so that they do not all return at once.
DRAIN_MILLISECONDS = (500, 3_000)

# Of one event, the bytes as JSON: an event's data is one line, and clients made on aiohttp break on
# a line of more than 128 KiB.
LOG_LINES = 500
LOG_BYTES = 64 * 1024

# A client that missed more changes than this gets a snapshot.
SNAPSHOT_JOBS = 100
# Of the jobs in a snapshot: with what else is in it, it is a line under those 128 KiB. A hundred
# usual jobs are that long.
SNAPSHOT_BYTES = 112 * 1024
REMEMBERED_JOBS = 1_000


class View(Protocol):
    """What one stream shows."""

    over: bool  # nothing more will come

    @property
    def job_id(self) -> str | None:
        """The job that is watched; None for all of them."""

    def greeting(self) -> bytes:
        """What goes before the first piece, in one write with it."""

    def pieces(self, frame: Frame | None) -> AsyncGenerator[bytes, None]:
        """What to send of a frame; of none, the state to begin with, at least one piece.

        Raises StoreUnavailable.
        """


async def stream(
    hub: Hub,
    view: View,
    *,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    retry_milliseconds: int = RETRY_MILLISECONDS,
    drain_milliseconds: tuple[int, int] = DRAIN_MILLISECONDS,
) -> AsyncGenerator[bytes, None]:
    """Send what a view shows until it is over, the hub closes or the store cannot be read."""
    reached = reaching()
    with hub.watch(view.job_id) as watcher:
        # Not a block of its own: to some clients that is a message without data.
        head, pieces = retry_line(retry_milliseconds) + view.greeting(), view.pieces(None)
        try:
            while True:
                async with aclosing(pieces):  # one that is left is not left to the collector
                    async for piece in pieces:
                        yield head + piece
                        head = b""
                if head:
                    yield head
                if view.over:
                    return
                if watcher.closed:  # no `end`: what was watched goes on
                    yield retry_line(random.randint(*drain_milliseconds)) + HEARTBEAT
                    return
                frame = await watcher.frame(heartbeat_seconds)
                notices = frame.notices.values() if frame else [HEARTBEAT]
                head = b"".join(map(reached, notices))
                pieces = view.pieces(frame or Frame())
        except StoreUnavailable:
            # There is no status to send any more; the client comes back and gets one.
            if head:
                yield head + HEARTBEAT


class JobView:
    """One job's life: the record as it is, each newer state, the end; with its log if wanted."""

    def __init__(
        self,
        reader: Reader,
        relay: Relay,
        job_id: str,
        after: Position | None = None,
        *,
        log: bool = False,
    ) -> None:
        self._reader = reader
        self._relay = relay
        self._reached = reaching()
        self.job_id = job_id
        self.over = False
        self._epoch = relay.epoch
        # The newest state that the client has, and the last line of the log if that comes along.
        self._seq = after.seq if after else 0
        self._line = ((after and after.line) or 0) if log else None

    def greeting(self) -> bytes:
        """Whether changes are pushed, where that is not as usual."""
        calm = self._relay.redis_link is RedisLink.LIVE and self._relay.reason is None
        return b"" if calm else self._relay.status_event()

    async def pieces(self, frame: Frame | None) -> AsyncGenerator[bytes, None]:
        """The job's newer state with the log up to it, if a frame brings one."""
        try:
            event = await self._newer(frame)
        except UnknownJob:
            self.over = True
            yield gone(self.job_id) + ended(self.job_id)
            return
        if event is None:
            if frame is None:
                yield HEARTBEAT
            return
        last = b""
        while lines := await self._lines_before(event):
            for run in _runs(lines):
                if last:
                    yield last
                last = self._log(run)
        # In one write with the last lines, and the end with the last state: a client that has one
        # also has the other.
        yield (last + self._state(event)) or HEARTBEAT
        self.over = event.final

    async def _newer(self, frame: Frame | None) -> Event | None:
        """The state that the client lacks, None when it has the newest. Raises UnknownJob."""
        if frame is not None and not frame.resync:
            # Of a state that was heard before the record was read, the record is the newer one.
            return next((event for event in frame.events if event.seq > self._seq), None)
        if frame and (self._epoch != self._relay.epoch or self._relay.cursor < self._seq):
            # Another store took this one's place, or an older copy of it: what was sent is newer
            # than nothing there.
            self._epoch, self._seq = self._relay.epoch, 0
            self._line = None if self._line is None else 0
        event = event_of_record(await self._reader.job_as_event(self.job_id))
        has_lines = self._line is None or self._line >= event.log_lines
        # A client that is ahead of the record saw a store of which this is an older copy.
        return None if event.seq == self._seq and has_lines else event

    async def _lines_before(self, event: Event) -> list[JsonDict]:
        """The next lines of the log that the client lacks, if its state has any more."""
        if self._line is None or event.deleted or self._line >= event.log_lines:
            return []
        return await self._reader.log(self.job_id, after=self._line, most=LOG_LINES)

    def _log(self, run: list[JsonDict]) -> bytes:
        self._line = run[-1]["number"]
        body = {
            "from": run[0]["number"],
            "lines": [line["text"] for line in run],
            "at": [line["at"] for line in run],
            "streams": [line["stream"] for line in run],
        }
        return self._id_line() + encode_json("log", body)

    def _state(self, event: Event) -> bytes:
        """A state, unless the client has it, and the end if it is the last one."""
        state = b""
        if event.seq != self._seq:
            self._seq = event.seq
            state = (
                event.encoded if event.deleted else self._id_line() + self._reached(event.encoded)
            )
        if event.final:
            state += ended(event.id, None if event.deleted else event.status)
        return state

    def _id_line(self) -> bytes:
        """The position after the event that it is put before."""
        return id_line(Position(self._epoch, self._seq, self._line))


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


class ListView:
    """The list: a snapshot or what changed since, then every change that the filter lets by."""

    job_id = None
    over = False

    def __init__(
        self,
        reader: Reader,
        relay: Relay,
        status: SystemStatus,
        wanted: JobFilter,
        after: Position | None = None,
        *,
        snapshot_jobs: int = SNAPSHOT_JOBS,
        remembered_jobs: int = REMEMBERED_JOBS,
    ) -> None:
        self._reader = reader
        self._relay = relay
        self._reached = reaching()
        self._status = status
        self._wanted = wanted
        self._after = after if after and after.epoch == relay.epoch else None
        self._snapshot_jobs = snapshot_jobs
        self._remembered_jobs = remembered_jobs
        self._floor = 0
        # Jobs this client was shown: it has to hear when one leaves the filter. None when that
        # is not known, after a resume or when they are too many: then it hears of every job that
        # does not match.
        self._shown: set[str] | None = set()

    def greeting(self) -> bytes:
        """Whether changes are pushed."""
        return self._relay.status_event()

    async def pieces(self, frame: Frame | None) -> AsyncGenerator[bytes, None]:
        """A frame's changes in one piece."""
        if frame is None:
            yield await self._begin()
        elif frame.resync:
            yield await self._snapshot()
        else:
            # The cursor as it was when the frame was taken: a search takes a while, and what
            # comes during it is not in this frame.
            cursor = max(self._relay.cursor, self._floor)
            newer = [event for event in frame.events if event.seq > self._floor]
            if changes := await self._changes(newer, cursor):
                yield changes

    async def _begin(self) -> bytes:
        if self._after is None:
            return await self._snapshot()
        since = await self._reader.changes_since(self._after.seq)
        if since.seq < self._after.seq or len(since.records) >= self._snapshot_jobs:
            return await self._snapshot()
        self._floor = since.seq
        events = [event_of_record(record) for record in since.records]
        self._shown = None
        return await self._changes(events, since.seq)

    async def _snapshot(self) -> bytes:
        snapshot = await self._reader.newest(self._wanted, most=self._snapshot_jobs)
        self._floor = snapshot.seq
        # Each is put into JSON once: a crowd that comes back gets a snapshot each.
        jobs = [dumps(linked(record.to_event())) for record in snapshot.records]
        count = within(SNAPSHOT_BYTES, jobs)
        self._shown = {record.id for record in snapshot.records[:count]}
        cursor = str(Position(snapshot.epoch, snapshot.seq))
        rest = {"cursor": cursor, **with_links(await self._status.read())}
        body = f'{{"jobs":[{",".join(jobs[:count])}],{dumps(rest).removeprefix("{")}'
        return encode("snapshot", body.encode())

    async def _changes(self, events: list[Event], seq: int) -> bytes:
        matching = await self._matching(events)
        pieces = [
            gone(event.id)
            for event in events
            if event.id not in matching and self._may_be_shown(event)
        ]
        if shown := [event for event in events if event.id in matching]:
            self._show(shown)
            pieces += [self._reached(event.encoded) for event in shown]
            # Only the frame's last event names the position, or a client that was cut off in the
            # middle of the frame would resume after events that it never got.
            pieces.insert(-1, id_line(Position(self._relay.epoch, seq)))
        return b"".join(pieces)

    async def _matching(self, events: list[Event]) -> set[str]:
        matching = {event.id for event in events if self._wanted.matches(event)}
        return await self._reader.matching(self._wanted, matching) if self._wanted.q else matching

    def _may_be_shown(self, event: Event) -> bool:
        """Whether the client's list may have this job, which does not match any more."""
        if self._shown is not None and event.id in self._shown:
            self._shown.remove(event.id)
            return True
        # A list is longer than a snapshot: what lies below it was shown by another answer. The
        # jobs of other owners never were, and even that there are any is not for this client.
        unknown = self._shown is None or event.deleted
        return unknown and self._wanted.owner in (None, event.owner)

    def _show(self, events: list[Event]) -> None:
        if self._shown is not None:
            self._shown.update(event.id for event in events)
            if len(self._shown) > self._remembered_jobs:
                self._shown = None
