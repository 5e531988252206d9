"""A hundred rounds of everything at once, at random but repeatable: `CHURN_SEED=n pytest …`."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from headway.broker.connection import connected
from tests.support.chaos_seqs import keep_seqs, seqs_are_contiguous
from tests.support.system import ROOT, System
from tests.support.system_watchers import JobWatcher, ListWatcher, Watcher
from tests.support.waiting import eventually_async

ROUNDS = 100
# Seconds of one round.
ROUND_SECONDS = 0.18
WRITERS = 4
WATCHERS = 20
# Of so many rounds one kills Redis' connections.
KILLS_EVERY = 6
FILTERS = ("", "?status=started", "?kind=wild.boar", "?queue=wood&status=queued&status=failed")
# More than the writers ever have at a time.
MOST_JOBS = 100
# Seconds in which every watcher has come to know how it all ended.
SETTLE_SECONDS = 15.0

Json = dict[str, Any]


@pytest.fixture
def seed() -> int:
    """What all of the chance comes from."""
    return int(os.environ.get("CHURN_SEED") or random.SystemRandom().randrange(1, 10**6))


@pytest.fixture
def quiet_system(tmp_path: Path) -> Iterator[System]:
    """Web and Redis, without a worker: the test brings its own."""
    system = System(tmp_path)
    try:
        system.start("redis", "web")
        yield system
        system.stop()
    finally:
        system.http.close()
        system.kill_everything()
        print(system.web.output)


async def test_every_watcher_ends_on_the_truth(quiet_system: System, seed: int) -> None:
    system, dice = quiet_system, random.Random(seed)
    keep_seqs(system.settings)
    writers = [_writer(system, seed + number) for number in range(WRITERS)]
    tasks = dict(_watching(system, dice) for _ in range(WATCHERS))
    gone: list[Watcher] = []

    for _ in range(ROUNDS):
        # The round's length is the load's own, as the writers' pauses are; nothing is awaited.
        await asyncio.sleep(ROUND_SECONDS)
        if dice.randrange(KILLS_EVERY) == 0:
            await asyncio.to_thread(_kill_connections, system)
        leaving = dice.choice(list(tasks))
        tasks.pop(leaving).cancel()
        gone.append(leaving)
        tasks |= [_watching(system, dice)]
    ends = [await asyncio.to_thread(writer.wait, SETTLE_SECONDS) for writer in writers]

    truth = {query: await asyncio.to_thread(_truth, system, query) for query in FILTERS}
    with _told(seed, tasks, truth):
        await eventually_async(
            lambda: all(_knows(watcher, truth) for watcher in tasks), within=SETTLE_SECONDS
        )
    for task in tasks.values():
        task.cancel()
    assert ends == [0] * WRITERS, f"CHURN_SEED={seed}"
    assert [w.broken for w in (*tasks, *gone) if w.broken] == [], f"CHURN_SEED={seed}"
    assert seqs_are_contiguous(system.settings), f"CHURN_SEED={seed}"


def _writer(system: System, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.chaos_writer"]
    seconds = str(ROUNDS * ROUND_SECONDS)
    return subprocess.Popen([*command, str(seed), seconds], cwd=ROOT, env=system.environment)


def _watching(system: System, dice: random.Random) -> tuple[Watcher, asyncio.Task[None]]:
    """Somebody who watches the list or a job, and stays or comes and goes."""
    leaves = random.Random(dice.random()) if dice.random() < 1 / 2 else None
    jobs = system.http.get("/api/jobs").json()["jobs"]
    watcher: Watcher
    if jobs and dice.random() < 1 / 3:
        watcher = JobWatcher(system.port, dice.choice(jobs)["id"], leaves=leaves)
    else:
        watcher = ListWatcher(system.port, dice.choice(FILTERS), leaves=leaves)
    return watcher, asyncio.create_task(watcher.watch())


def _kill_connections(system: System) -> None:
    with connected(system.redis_url) as redis:
        for kind in ("normal", "pubsub"):
            redis.client_kill_filter(_type=kind, skipme=True)


def _truth(system: System, query: str) -> dict[str, Json]:
    """What passes a filter, by id, as the list's route tells it."""
    separator = "&" if query else "?"
    answer = system.http.get(f"/api/jobs{query}{separator}limit={MOST_JOBS}").json()
    assert answer["next"] is None, "the watchers would see a part only"
    return {job["id"]: job for job in answer["jobs"]}


def _knows(watcher: Watcher, truth: dict[str, dict[str, Json]]) -> bool:
    return not _untrue(watcher, truth)


def _untrue(watcher: Watcher, truth: dict[str, dict[str, Json]]) -> list[Any]:
    """What a watcher shows otherwise than it is: (job, as it is, as it is shown)."""
    if isinstance(watcher, ListWatcher):
        right, shown = truth[watcher.query], watcher.jobs
    else:
        assert isinstance(watcher, JobWatcher)
        # Over means that the job had ended once, or was deleted; a retry would be a new visit.
        shown = {} if watcher.over or not watcher.state else {watcher.state["id"]: watcher.state}
        right = {job_id: truth[""].get(job_id, {}) for job_id in shown}
    return [
        (job_id, _brief(right.get(job_id)), _brief(shown.get(job_id)))
        for job_id in {*right, *shown}
        if right.get(job_id) != shown.get(job_id)
    ]


@contextmanager
def _told(
    seed: int, watchers: Iterable[Watcher], truth: dict[str, dict[str, Json]]
) -> Iterator[None]:
    """Say of a failure how to repeat it, and who shows what is untrue."""
    try:
        yield
    except AssertionError as error:
        lines = [f"{w.path}: {_untrue(w, truth)}" for w in watchers if not _knows(w, truth)]
        raise AssertionError("\n".join([f"CHURN_SEED={seed}", *lines])) from error


def _brief(job: Json | None) -> tuple[Any, ...]:
    return tuple(job[name] for name in ("status", "attempt", "seq")) if job else ()
