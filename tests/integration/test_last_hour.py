"""What ended lately: the minutes of the last hour, and the rates of queues and workers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from headway.model.record import JsonDict, Status, as_time, now
from headway.settings import Settings
from headway.store import Reader
from quart_app.live.last_hour import MINUTE, LastHour
from quart_app.live.system_status import RATE_SECONDS
from tests.support.app_server import Server
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_BOTH
from tests.support.waiting import eventually_async

pytestmark = ON_BOTH

HOW = ("finished", "failed", "stopped")


async def ended(server: Server) -> list[dict[str, Any]]:
    """The minutes of the last hour in which something ended."""
    minutes = (await server.get("/api/throughput")).json()["minutes"]
    assert len(minutes) == 60
    return [minute for minute in minutes if any(minute[how] for how in HOW)]


async def test_the_last_hour_shows_what_ended_in_each_minute(server: Server, hand: Hand) -> None:
    hand.finish(hand.start(hand.create()))
    hand.fail(hand.start(hand.create()))

    async def both() -> bool:
        minutes = await ended(server)
        return [sum(minute[how] for minute in minutes) for how in HOW] == [1, 1, 0]

    await eventually_async(both)
    for minute in await ended(server):
        assert 0 <= minute["median_seconds"] <= minute["p95_seconds"] < 5
        assert 0 <= minute["median_wait_seconds"] < 5


async def test_a_canceled_job_has_ended_but_neither_failed_nor_taken_any_time(
    server: Server, hand: Hand
) -> None:
    hand.change(hand.create(), status=Status.CANCELED, ended_at=now())

    async def is_shown() -> bool:
        return [minute["stopped"] for minute in await ended(server)] == [1]

    await eventually_async(is_shown)
    (minute,) = await ended(server)
    assert (minute["failed"], minute["median_seconds"]) == (0, None)


async def test_queues_and_workers_tell_how_many_jobs_they_ended_a_minute(
    server: Server, hand: Hand
) -> None:
    hand.heartbeat("a-worker")
    for _ in range(5):
        hand.finish(hand.start(hand.create(), worker="a-worker"))

    async def is_shown() -> bool:
        queues = (await server.get("/api/queues")).json()["queues"]
        workers = (await server.get("/api/workers")).json()["workers"]
        rates = [(each["name"], each["ended_per_minute"]) for each in (*queues, *workers)]
        return rates == [("toys", 1.0), ("a-worker", 1.0)]

    await eventually_async(is_shown, within=RATE_SECONDS + 10)


class SlowReader(Reader):
    """The real reader, but its looks at the last hour wait for the test."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.began, self.go_on, self.looks = asyncio.Event(), asyncio.Event(), 0

    async def minutes(self, since: str) -> list[JsonDict]:
        found = await super().minutes(since)
        self.looks += 1
        self.began.set()
        await self.go_on.wait()
        return found


async def test_who_asks_after_an_end_is_told_of_it_and_many_share_one_look(
    store: Settings, hand: Hand
) -> None:
    reader = SlowReader(store)
    await reader.open()
    try:
        hour = LastHour(reader)
        before = asyncio.create_task(hour.minutes())
        await reader.began.wait()
        hand.finish(hand.start(hand.create()))
        after = [asyncio.create_task(hour.minutes()) for _ in range(5)]
        reader.go_on.set()
        finished = [sum(each["finished"] for each in await one) for one in (before, *after)]
    finally:
        await reader.close()

    assert finished == [0, 1, 1, 1, 1, 1]
    assert reader.looks == 2


async def test_times_are_the_median_and_the_95th_percentile_and_waits_begin_when_due(
    store: Settings, hand: Hand
) -> None:
    minute = int(time.time() - 10 * MINUTE) // MINUTE * MINUTE
    for seconds in range(1, 21):
        hand.store.create(_ended(minute + 50, took=seconds, waited=3))
    hand.store.create(_ended(minute + 50, took=2, waited=700, due_after=697))
    hand.store.create(_ended(minute + 50, took=2, waited=500, attempt=2))
    reader = Reader(store)
    await reader.open()
    try:
        shown = {each["minute"]: each for each in await LastHour(reader).minutes()}
    finally:
        await reader.close()

    row = shown[as_time(minute)]
    assert row["finished"] == 22
    assert (row["median_seconds"], row["p95_seconds"]) == (9, 19)
    assert row["median_wait_seconds"] == 3


def _ended(at: float, *, took: float, waited: float, due_after: float = 0, attempt: int = 1) -> Any:
    created = at - took - waited
    return a_record(
        status=Status.FINISHED,
        attempt=attempt,
        created_at=as_time(created),
        run_at=as_time(created + due_after) if due_after else None,
        started_at=as_time(at - took),
        ended_at=as_time(at),
    )
