"""The hub's behaviour, twice: alone, and behind a real relay, Redis and store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from headway.model.record import Status
from quart_app.live.hub import FrameInterval, Hub, Watcher
from tests.support.stages import (
    FRAME_SECONDS,
    Alone,
    Stage,
    Whole,
    changes_up_to,
    relaying,
    resynced,
)
from tests.support.waiting import eventually_async


@pytest.fixture
def most_pending() -> int:
    """Jobs that a watcher may be behind; a test may have fewer."""
    return 1_000


@pytest.fixture
def interval() -> float:
    """Seconds between two frames; a test may have more."""
    return 0.1


@pytest.fixture
def hub(most_pending: int, interval: float) -> Hub:
    """The hub of the stage."""
    return Hub(frame_interval=FrameInterval(interval, interval), most_pending=most_pending)


@pytest_asyncio.fixture(params=["alone", "whole"])
async def stage(request: pytest.FixtureRequest, hub: Hub) -> AsyncIterator[Stage]:
    """A hub with changes coming to it."""
    if request.param == "alone":
        yield Alone(hub)
        return
    store, hand = request.getfixturevalue("store"), request.getfixturevalue("hand")
    async with relaying(store, hub):
        yield Whole(hub, hand)


async def test_a_watcher_of_all_gets_every_job_in_the_order_of_changes(stage: Stage) -> None:
    with stage.hub.watch() as watcher:
        first, second = stage.create(), stage.create()
        changed = stage.change(first, message="later")
        seen = await changes_up_to(watcher, changed)

    assert seen == sorted(seen, key=lambda each: each[1])
    assert {job_id for job_id, _ in seen} == {first.id, second.id}


async def test_a_watcher_of_one_job_gets_nothing_of_others(stage: Stage) -> None:
    mine = stage.create()
    with stage.hub.watch(mine.id) as watcher:
        stage.create()
        changed = stage.change(mine, message="later")
        seen = await changes_up_to(watcher, changed)

    assert {job_id for job_id, _ in seen} == {mine.id}


async def test_a_slow_watcher_skips_changes_but_never_the_end(stage: Stage) -> None:
    record = stage.change(stage.create(), status=Status.STARTED, worker="w")
    with stage.hub.watch(record.id) as slow, stage.hub.watch(record.id) as quick:
        for number in range(50):
            record = stage.change(record, message=str(number))
        ended = stage.change(record, status=Status.FINISHED)
        await changes_up_to(quick, ended)
        seen = await changes_up_to(slow, ended)

    assert seen == [(ended.id, ended.seq)]


async def test_a_late_message_changes_nothing(stage: Stage) -> None:
    old = stage.create()
    with stage.hub.watch() as slow, stage.hub.watch() as quick:
        new = stage.change(old, message="newer")
        await changes_up_to(quick, new)
        stage.repeat(old)
        marker = stage.create()
        seen = await changes_up_to(slow, marker)

    assert (new.id, new.seq) in seen
    assert (old.id, old.seq) not in seen


@pytest.mark.parametrize("most_pending", [3])
async def test_a_watcher_too_far_behind_is_asked_to_start_over(stage: Stage) -> None:
    with stage.hub.watch() as watcher, stage.hub.watch() as other:
        for _ in range(5):
            last = stage.create()
        await resynced(watcher)
        del last

        after = stage.create()
        assert (after.id, after.seq) in await changes_up_to(watcher, after)
        await resynced(other)


@pytest.mark.parametrize("most_pending", [3])
async def test_a_watcher_of_one_job_is_never_too_far_behind(stage: Stage) -> None:
    record = stage.create()
    with stage.hub.watch(record.id) as watcher:
        for number in range(10):
            record = stage.change(record, message=str(number))
        frame = await watcher.frame(FRAME_SECONDS)
        while frame is not None and frame.events[-1].seq < record.seq:
            assert not frame.resync
            frame = await watcher.frame(FRAME_SECONDS)

    assert frame is not None
    assert not frame.resync


async def test_a_place_is_left_however_its_stream_ends(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError), stage.hub.watch("a-job"):
        raise ZeroDivisionError

    async def watch_for_ever() -> None:
        with stage.hub.watch() as watcher:
            await watcher.frame(FRAME_SECONDS)

    watching = asyncio.create_task(watch_for_ever())
    await eventually_async(lambda: len(stage.hub) == 1)
    watching.cancel()
    await asyncio.wait([watching])

    assert len(stage.hub) == 0
    assert stage.hub.empty.is_set()


async def test_a_closed_hub_ends_every_stream_and_each_that_comes_later(stage: Stage) -> None:
    with stage.hub.watch() as early:
        stage.hub.close()
        stage.hub.close()
        await early.frame(FRAME_SECONDS)
        with stage.hub.watch("a-job") as late:
            await late.frame(FRAME_SECONDS)

            assert early.closed
            assert late.closed


async def test_news_of_the_system_goes_to_those_who_watch_the_list(stage: Stage) -> None:
    with stage.hub.watch() as of_all, stage.hub.watch("a-job") as of_one:
        stage.hub.notify("counts", b"old")
        stage.hub.notify("counts", b"new")
        stage.hub.notify("relay", b"away", everybody=True)
        first = await of_all.frame(FRAME_SECONDS)
        second = await of_one.frame(FRAME_SECONDS)

    assert first is not None
    assert second is not None
    assert first.notices["counts"] == b"new"
    assert second.notices == {"relay": b"away"}


async def test_a_quiet_time_gives_no_frame(stage: Stage) -> None:
    with stage.hub.watch("a-job") as watcher:
        assert await watcher.frame(0.01) is None


@pytest.mark.parametrize("interval", [60.0])
@pytest.mark.parametrize("end", ["close", "resync"])
async def test_a_pause_between_frames_is_cut_short_when_nothing_may_wait(
    stage: Stage, end: str
) -> None:
    with stage.hub.watch() as watcher:
        record = stage.create()
        await changes_up_to(watcher, record)  # the frame before the pause
        paused = asyncio.create_task(watcher.frame(FRAME_SECONDS))
        last = stage.change(record, message="said during the pause")
        await eventually_async(lambda: last.seq in _pending(watcher))
        getattr(stage.hub, end)()
        frame = await asyncio.wait_for(paused, FRAME_SECONDS)

    assert frame is not None
    assert (watcher.closed, frame.resync) == (end == "close", end == "resync")
    assert [event.seq for event in frame.events] == ([last.seq] if end == "close" else [])


def _pending(watcher: Watcher) -> list[int]:
    return [event.seq for event in watcher._events.values()]
