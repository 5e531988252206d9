"""The system's status: what is sent of it, and that one broken part leaves the others alone."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from headway.errors import StoreUnavailable
from headway.store import Reader
from quart_app.live.hub import Hub, Watcher
from quart_app.live.system_status import SystemStatus
from tests.support.by_hand import Hand
from tests.support.stages import FRAME_SECONDS
from tests.support.waiting import eventually_async

LOOK_SECONDS = 0.05


@asynccontextmanager
async def looking(reader: Reader, hub: Hub, **options: float) -> AsyncIterator[SystemStatus]:
    """A status that looks often, for the length of a `with`."""
    status = SystemStatus(reader, hub, look_seconds=LOOK_SECONDS, **options)
    task = asyncio.create_task(status.run())
    try:
        yield status
    finally:
        task.cancel()
        await asyncio.wait([task])


async def sent(watcher: Watcher, name: str) -> Any:
    """The data of the next event of this name."""
    async with asyncio.timeout(FRAME_SECONDS):
        while True:
            frame = await watcher.frame(FRAME_SECONDS)
            if frame is not None and name in frame.notices:
                head, data = frame.notices[name].decode().split("\ndata: ")
                assert head == f"event: {name}"
                return json.loads(data)[name]


async def test_a_change_is_sent_once_and_a_heartbeat_is_none(reader: Reader, hand: Hand) -> None:
    hub = Hub()
    with hub.watch() as watcher:
        hand.heartbeat("a-worker")
        async with looking(reader, hub, volatile_seconds=3600.0):
            (first,) = await sent(watcher, "workers")
            hand.heartbeat("a-worker")
            hand.create()
            frame = await watcher.frame(FRAME_SECONDS)

    assert first["name"] == "a-worker"
    assert frame is not None
    assert "workers" not in frame.notices
    assert {"counts", "queues"} <= frame.notices.keys()


async def test_what_only_heartbeats_change_is_sent_after_a_while(
    reader: Reader, hand: Hand
) -> None:
    hub = Hub()
    with hub.watch() as watcher:
        hand.heartbeat("a-worker")
        async with looking(reader, hub, volatile_seconds=0.0):
            (first,) = await sent(watcher, "workers")
            hand.heartbeat("a-worker")
            later = await sent(watcher, "workers")
            while later[0]["last_heartbeat"] == first["last_heartbeat"]:
                later = await sent(watcher, "workers")

    assert later[0]["name"] == first["name"]


async def test_after_a_watcher_joins_every_part_is_sent_again(reader: Reader) -> None:
    hub = Hub()
    with hub.watch() as watcher:
        async with looking(reader, hub, volatile_seconds=3600.0) as status:
            await sent(watcher, "counts")
            read = await status.read()
            again = await sent(watcher, "counts")

    assert again == read["counts"]


async def test_many_who_join_at_once_share_one_look(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, counts = 0, Reader.counts

    async def counted(self: Reader, *arguments: Any) -> dict[str, int]:
        nonlocal looks
        looks += 1
        return await counts(self, *arguments)

    monkeypatch.setattr(Reader, "counts", counted)
    status = SystemStatus(reader, Hub())

    parts = await asyncio.gather(*(status.read() for _ in range(20)))

    assert looks <= 2
    assert all(part == parts[-1] for part in parts)


@pytest.mark.parametrize("fault", [RuntimeError("of ours"), StoreUnavailable("busy")], ids=str)
async def test_a_part_that_cannot_be_read_silences_no_other_and_is_logged_once(
    reader: Reader,
    hand: Hand,
    fault: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries: list[str] = []

    async def fail(_: Reader) -> Any:
        tries.append("queues")
        raise fault

    monkeypatch.setattr(Reader, "queues", fail)
    hub = Hub()
    with hub.watch() as watcher:
        async with looking(reader, hub) as status:
            parts = await status.read()
            hand.create()
            counts = await sent(watcher, "counts")
            while counts["queued"] == 0:
                counts = await sent(watcher, "counts")
            tried = len(tries)
            await eventually_async(lambda: len(tries) > tried + 3)

    assert parts.keys() == {"workers", "counts"}
    assert len([entry for entry in caplog.records if entry.levelno >= logging.WARNING]) <= 1
