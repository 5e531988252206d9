"""Where the hub's behaviour is tried: alone, and behind a real relay, Redis and store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from headway.model.record import Record, Status
from headway.settings import Settings
from headway.store import Reader
from quart_app.live.event import event_of_record
from quart_app.live.hub import Hub, Watcher
from quart_app.live.relay import RedisLink, Relay
from tests.support.by_hand import Hand, a_record
from tests.support.waiting import eventually_async

# Seconds that a frame may take on a busy machine.
FRAME_SECONDS = 20


class Stage(Protocol):
    """A hub, and changes that come to it."""

    hub: Hub

    def create(self) -> Record:
        """A new job."""

    def change(self, record: Record, **fields: Any) -> Record:
        """A job with some fields changed."""

    def repeat(self, record: Record) -> None:
        """The same change once more, as a late message."""


class Alone:
    """The hub by itself; changes are handed to it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._seq = 0

    def create(self) -> Record:
        return self.change(a_record())

    def change(self, record: Record, **fields: Any) -> Record:
        self._seq += 1
        changed = replace(record, seq=self._seq, **fields)
        self.repeat(changed)
        return changed

    def repeat(self, record: Record) -> None:
        self.hub.deliver(event_of_record(record))


class Whole:
    """The hub of a web process; changes are written and published as workers do."""

    def __init__(self, hub: Hub, hand: Hand) -> None:
        self.hub = hub
        self._hand = hand

    def create(self) -> Record:
        return self._hand.create()

    def change(self, record: Record, **fields: Any) -> Record:
        if fields.get("status") == Status.STARTED:
            return self._hand.start(record)
        return self._hand.change(record, **fields)

    def repeat(self, record: Record) -> None:
        self._hand.publisher.publish(self._hand.store.epoch, record)


@asynccontextmanager
async def relaying(
    store: Settings, hub: Hub, *, live: bool = True, **options: Any
) -> AsyncIterator[Relay]:
    """A relay with these options that runs; `live` waits until changes are pushed."""
    reader = Reader(store)
    relay = Relay(store, reader, hub, **options)
    await reader.open()
    await relay.begin()
    task = asyncio.create_task(relay.run())
    try:
        if live:
            await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)
        yield relay
    finally:
        task.cancel()
        await asyncio.wait([task])
        await reader.close()


async def changes_up_to(watcher: Watcher, record: Record) -> list[tuple[str, int]]:
    """(id, seq) of all that a watcher hears of, up to this change of this job."""
    gathered: list[tuple[str, int]] = []
    async with asyncio.timeout(FRAME_SECONDS):
        while (record.id, record.seq) not in gathered:
            frame = await watcher.frame(FRAME_SECONDS)
            gathered += [(event.id, event.seq) for event in (frame.events if frame else [])]
    return gathered


async def resynced(watcher: Watcher) -> None:
    """Return when a watcher is asked to read its state again."""
    async with asyncio.timeout(FRAME_SECONDS):
        while True:
            frame = await watcher.frame(FRAME_SECONDS)
            if frame is not None and frame.resync:
                return
