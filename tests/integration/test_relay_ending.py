"""The relay's end: asked for, or by a fault of ours. Never silence, never a task that stays."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from redis.asyncio import Redis

from headway.settings import Settings
from headway.store import Reader
from headway.store.jobs import Snapshot
from quart_app.live.hub import Hub
from quart_app.live.relay import RedisLink, Relay
from quart_app.services import lifespan
from tests.support.by_hand import Hand
from tests.support.stages import resynced
from tests.support.waiting import eventually_async

# Seconds after which a task that was asked to end will not end any more.
LONG_SECONDS = 5


async def test_a_relay_that_is_told_to_end_while_it_sends_a_probe_ends(
    store: Settings, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(store, reader, Hub(), probe_seconds=0.2)
    await relay.begin()
    task = asyncio.create_task(relay.run())
    await eventually_async(lambda: relay.redis_link is RedisLink.LIVE)
    probes, publish = 0, Redis.publish

    async def publish_while_the_end_is_asked_for(self: Redis, *what: Any) -> Any:
        nonlocal probes
        probes += 1
        if probes > 1:  # the first may have to connect
            asyncio.get_running_loop().call_soon(task.cancel)
        return await publish(self, *what)

    monkeypatch.setattr(Redis, "publish", publish_while_the_end_is_asked_for)
    await asyncio.wait([task], timeout=LONG_SECONDS)

    assert task.cancelled()


async def test_a_relay_that_dies_is_started_again_and_the_streams_read_anew(
    store: Settings,
    hand: Hand,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)

    faults = iter([RuntimeError("a fault of ours")])
    unbroken = Reader.changes_since

    async def broken_once(*arguments: Any, **options: Any) -> Snapshot:
        for fault in faults:
            raise fault
        return await unbroken(*arguments, **options)

    async with lifespan(store) as parts:
        await eventually_async(lambda: parts.relay.redis_link is RedisLink.LIVE)
        with parts.hub.watch() as watcher:
            monkeypatch.setattr(Reader, "changes_since", broken_once)
            await resynced(watcher)

        hand.create(publish=False)
        await eventually_async(lambda: parts.relay.cursor == 1)
        assert not parts.hub.closed


async def test_streams_are_told_of_the_end_also_when_something_failed(store: Settings) -> None:
    with pytest.raises(ZeroDivisionError):
        async with lifespan(store) as parts:
            raise ZeroDivisionError

    assert parts.hub.closed
