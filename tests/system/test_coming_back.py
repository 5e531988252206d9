"""Clients that were cut off, and clients that leave rudely: nothing is lost, nothing stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from tests.support.chaos_held import held, more_than, most_held
from tests.support.system import FINAL, System
from tests.support.system_stream import Stream, open_stream
from tests.support.system_watchers import JobWatcher, ListWatcher, Watcher
from tests.support.waiting import eventually_async

# Enough to see a leak of one in four, few enough to be quick.
DEPARTURES = 200
# Streams at one moment.
BATCH = 50
# Seconds until the server has noticed: a client that sent more than it read is found gone only
# when a write fails.
NOTICE_SECONDS = 40.0


async def test_clients_of_a_web_that_was_killed_miss_nothing(
    system: System, tmp_path: Path
) -> None:
    jobs = [
        system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=seconds, says=number)
        for number, seconds in enumerate([3, 0, 0.2, 0])
    ]
    of_jobs = [JobWatcher(system.port, job["id"]) for job in jobs]
    of_all = [ListWatcher(system.port), ListWatcher(system.port, "?status=queued&status=started")]
    watchers: list[Watcher] = [*of_jobs, *of_all]
    tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    await eventually_async(lambda: of_jobs[0].state.get("status") == "started")

    system.web.kill()
    system.web.start()

    await eventually_async(lambda: all(w.state.get("status") in FINAL for w in of_jobs), within=30)
    ends = [await asyncio.to_thread(system.job, job["id"]) for job in jobs]
    await eventually_async(lambda: all(of_all[0].jobs[end["id"]] == _event(end) for end in ends))
    await eventually_async(lambda: not of_all[1].jobs)
    for task in tasks:
        task.cancel()
    assert [watcher.state["result"] for watcher in of_jobs] == [{"says": n} for n in range(4)]
    assert [watcher.state for watcher in of_jobs] == [_event(end) for end in ends]
    assert of_jobs[0].visits > 1
    assert [broken for watcher in watchers for broken in watcher.broken] == []


async def test_nothing_is_left_of_two_hundred_clients_that_left_rudely(
    system: System, tmp_path: Path
) -> None:
    # A chatty job, so that there is always something to write to whoever is gone.
    job = system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=100)
    paths = ["/api/events", job["links"]["events"]]
    await _come_and_leave(system, paths, BATCH)  # what is made once is made now
    await eventually_async(lambda: held(system)["streams"] == 0, within=NOTICE_SECONDS)
    before = most_held(system)

    for _ in range(DEPARTURES // BATCH):
        await _come_and_leave(system, paths, BATCH)

    await eventually_async(lambda: not more_than(before, held(system)), within=NOTICE_SECONDS)
    assert "Traceback" not in system.web.output, system.web.output
    system.worker.kill()  # nobody needs the job's end


async def _come_and_leave(system: System, paths: list[str], clients: int) -> None:
    """Open streams, read something on each, leave by FIN, RST, half-close or in the middle."""
    leave: list[Callable[[Stream], None]] = [
        lambda stream: None,
        Stream.reset,
        Stream.half_close,
        lambda stream: stream.send_again(paths[0]),
    ]
    async with AsyncExitStack() as open_until:
        for number in range(clients):
            stream = await open_stream(system.port, paths[number % 2])
            await open_until.enter_async_context(stream)
            await anext(aiter(stream))
            leave[number % 4](stream)


def _event(record: dict[str, object]) -> dict[str, object]:
    """The status endpoint's answer as events carry it."""
    return {name: value for name, value in record.items() if name not in {"params", "waits_for"}}
