"""The relay: carries changes from Redis to the hub, and from the store where Redis lost them.

It owns the only subscription of its process. Push is a hint: a change that arrives is handed on at
once, one that does not is read from the store. Whatever the cause, there is one way to catch up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from enum import StrEnum

from headway.broker.changes import channel, decode
from headway.errors import StoreUnavailable
from headway.model.record import Record
from headway.settings import Settings
from headway.store import Reader
from headway.store.reader import CATCH_UP_ROWS
from quart_app.live.event import Event, encode_json, event_of_message, event_of_record
from quart_app.live.hub import Hub
from quart_app.live.subscription import PROBE_SECONDS, Hindrance, RedisAway, Subscribed, subscribe

# The store is read this often, in seconds, whatever Redis says: no lost message, not even the
# last one of a burst, goes unnoticed for longer.
TAIL_SECONDS = 1.0
# A gap may be two workers publishing out of order; it has this long, in seconds, to close.
SETTLING_SECONDS = 0.05
RECONNECT_SECONDS = 0.5
# Most changes that may wait for an earlier one before the store is asked instead.
MOST_AHEAD = 10_000

log = logging.getLogger(__name__)


class RedisLink(StrEnum):
    """Whether changes are pushed, or read from the store each second."""

    LIVE = "live"
    AWAY = "away"


class GapTracker:
    """Every change up to the cursor is known; beyond it, those that came early.

    Changes may be heard twice, late, or before earlier ones.
    """

    def __init__(self, most_ahead: int = MOST_AHEAD) -> None:
        self._most_ahead = most_ahead
        self.begin(0)

    def begin(self, seq: int) -> None:
        """Count from `seq`; what was known before belongs to another store."""
        self.cursor = seq
        self.ahead: set[int] = set()  # these wait for an earlier one
        self._newest: dict[str, int] = {}  # of each job that has one ahead

    def is_news(self, event: Event) -> bool:
        """False when this change, or a newer one of its job, is known."""
        return event.seq > self.cursor and event.seq > self._newest.get(event.id, 0)

    def note(self, event: Event) -> None:
        """This change is known from now on."""
        if event.seq > self.cursor:
            self._newest[event.id] = max(self._newest.get(event.id, 0), event.seq)
            self.ahead.add(event.seq)
            self.advance_to(self.cursor)

    def advance_to(self, seq: int) -> None:
        """Every change up to `seq` is known, and whatever follows on it without a gap."""
        self.cursor = max(self.cursor, seq)
        while self.cursor + 1 in self.ahead:
            self.cursor += 1
        ahead = {seq for seq in self.ahead if seq > self.cursor}
        self._keep(ahead if len(ahead) <= self._most_ahead else set())

    def forget(self, seqs: set[int]) -> None:
        """These changes are not waited for: no store knows them."""
        self._keep(self.ahead - seqs)

    def _keep(self, ahead: set[int]) -> None:
        self.ahead = ahead
        self._newest = {job: seq for job, seq in self._newest.items() if seq in ahead}


class Relay:
    """Runs as one task from the server's start to its end."""

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        hub: Hub,
        *,
        tail_seconds: float = TAIL_SECONDS,
        settling_seconds: float = SETTLING_SECONDS,
        probe_seconds: float = PROBE_SECONDS,
        catch_up_rows: int = CATCH_UP_ROWS,
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._hub = hub
        self._tail_seconds = tail_seconds
        self._settling_seconds = settling_seconds
        self._probe_seconds = probe_seconds
        self._catch_up_rows = catch_up_rows
        self._gaps = GapTracker()
        self._behind = asyncio.Event()
        self._store_seen = 0.0
        self._has_run = False
        self.redis_link = RedisLink.AWAY
        self.hindrance = Hindrance()
        self.epoch = ""

    async def begin(self) -> None:
        """Start from where the store is. Raises StoreUnavailable."""
        seq, self.epoch = await self._reader.counter()
        self._gaps.begin(seq)
        self._store_seen = time.monotonic()

    async def run(self) -> None:
        """Relay until cancelled; when it runs again, every stream reads its whole state again."""
        if self._has_run:
            self._hub.resync()
        self._has_run = True
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tail())
            tasks.create_task(self._listen())

    @property
    def cursor(self) -> int:
        """The seq up to which every change was handed on."""
        return self._gaps.cursor

    @property
    def reason(self) -> str | None:
        """Why no job can begin just now, in a sentence for people; None when nothing hinders."""
        return self.hindrance.reason

    def status_event(self) -> bytes:
        """The event that says whether changes are pushed, and why jobs wait if they do."""
        return encode_json("relay", {"redis": self.redis_link, "reason": self.reason})

    @property
    def fresh(self) -> bool:
        """True while the store is being read; what is shown is at most seconds old."""
        return time.monotonic() - self._store_seen < 5 * self._tail_seconds

    async def _tail(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._tail_seconds):
                    await self._behind.wait()
            except TimeoutError:
                await self._catch_up_or_warn()
            else:
                self._behind.clear()
                await asyncio.sleep(self._settling_seconds)
                if self._gaps.ahead:
                    await self._catch_up_or_warn()

    async def _catch_up_or_warn(self) -> None:
        try:
            await self.catch_up()
        except StoreUnavailable as error:
            log.warning("the store cannot be read: %s", error)
            await asyncio.sleep(self._tail_seconds)

    async def catch_up(self) -> None:
        """Hand on every record above the cursor; the cursor becomes the counter."""
        since = self.cursor  # messages may move it on while the store is read
        heard = set(self._gaps.ahead)
        snapshot = await self._reader.changes_since(since, most=self._catch_up_rows)
        self._store_seen = time.monotonic()
        if snapshot.epoch != self.epoch or snapshot.seq < since:
            # Another store, or an older copy of it: no position means anything any more.
            self.epoch = snapshot.epoch
            self._gaps.begin(snapshot.seq)
            self._hub.resync()
            return
        if len(snapshot.records) >= self._catch_up_rows:
            self._hub.resync()
        for record in snapshot.records:
            self._deliver_record(record)
        # A change is published after its commit, so one that the store lacks never happened.
        self._gaps.forget({seq for seq in heard if seq > snapshot.seq})
        self._gaps.advance_to(snapshot.seq)

    def _deliver_record(self, record: Record) -> None:
        try:
            event = event_of_record(record)
        except (TypeError, ValueError, RecursionError) as error:
            # One job that cannot be shown must not silence the others.
            log.error("job %s cannot be shown: %s", record.id, error)  # noqa: TRY400
        else:
            self._deliver_news(event)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_to(self.epoch)
            except RedisAway as error:
                if self.redis_link is RedisLink.LIVE:
                    log.warning("Redis is away, reading the store instead: %s", error)
                self._set(RedisLink.AWAY, Hindrance(str(error)))
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_to(self, epoch: str) -> None:
        async with subscribe(
            self._settings.redis_url, channel(epoch), probe_seconds=self._probe_seconds
        ) as subscription:
            while epoch == self.epoch:
                heard = await subscription.next()
                if isinstance(heard, bytes):
                    self._take_change(heard)
                elif heard is not None:
                    await self._catch_up_or_warn()
                if isinstance(heard, Subscribed) or self.redis_link is RedisLink.LIVE:
                    self._set(RedisLink.LIVE, subscription.hindrance)

    def _take_change(self, data: bytes) -> None:
        try:
            event = event_of_message(*decode(data))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning("a message on the channel is not a change: %s", error)
            return
        self._deliver_news(event)
        self._gaps.note(event)
        if self._gaps.ahead:
            self._behind.set()

    def _deliver_news(self, event: Event) -> None:
        # A late one would take a watcher back to an older state.
        if self._gaps.is_news(event):
            self._hub.deliver(event)

    def _set(self, link: RedisLink, hindrance: Hindrance) -> None:
        if (link, hindrance) == (self.redis_link, self.hindrance):
            return
        if link is RedisLink.LIVE and hindrance.reason and hindrance != self.hindrance:
            log.warning("jobs wait: %s", hindrance.reason)
        self.redis_link, self.hindrance = link, hindrance
        self._hub.notify("relay", self.status_event(), everybody=True)
