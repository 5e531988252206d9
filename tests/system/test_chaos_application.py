"""Deaths and outages around a plain RQ application whose workers record, by their own or ours.

RQ decides what becomes of each job. When all is at rest the page says the same, nothing that
succeeded ran again, and what was done meanwhile is not lost.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from rq import Retry

from tests.support import doors_application as application
from tests.support.chaos_invariants import orphans
from tests.support.chaos_outages import (
    let_it_last,
    redis_down,
    redis_frozen,
    store_locked,
    store_read_only,
)
from tests.support.chaos_scene import kill
from tests.support.chaos_seqs import keep_seqs, seqs_are_contiguous
from tests.support.doors import Doors, opened
from tests.support.system import System
from tests.support.waiting import eventually

Outage = Callable[[System], AbstractContextManager[None]]

pytestmark = pytest.mark.timeout(600)

WORKERS = 3
# Seconds to a final record after the work-horse was killed.
TOLD_SECONDS = 1.0
# Seconds until a job begins, and until all have run and the page has heard of it.
BEGIN_SECONDS = 20.0
REST_SECONDS = 90.0
HEAR_SECONDS = 30.0
# A locked store is so for this long, in seconds; jobs end meanwhile.
LOCKED_SECONDS = 10.0
# Bad things of a storm, and the pauses between them in seconds.
STORM = 8
LULL_SECONDS = (0.2, 2.0)


@pytest.fixture(scope="module", params=["2", "3"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    """An application with three workers of one door."""
    names = tuple(f"{request.param} here {number}" for number in range(WORKERS))
    with opened(tmp_path_factory.mktemp("application"), names) as doors:
        keep_seqs(doors.system.settings)
        yield doors


@pytest.fixture
def doors(stage: Doors) -> Iterator[Doors]:
    """The same, and what holds after each chaos."""
    stage.jobs.clear()
    yield stage
    stage.restart()
    stage.rest(REST_SECONDS)
    jobs = stage.jobs
    eventually(lambda: stage.shown(jobs) == stage.statuses(jobs), within=HEAR_SECONDS)
    assert len(stage.shown(jobs)) == len(jobs)
    assert stage.ran_after_success(jobs) == []
    assert seqs_are_contiguous(stage.system.settings)
    assert orphans(stage.system) == []
    assert not stage.witness.broken


def work(doors: Doors, seconds: float, retry: Retry | None = None) -> str:
    """A new job's id."""
    return doors.enqueue(application.work, seconds, retry)


def running(doors: Doors, job: str) -> int:
    """The job's process, once its record says that it runs."""
    eventually(lambda: doors.shown([job]).get(job) == "started", within=BEGIN_SECONDS)
    return eventually(lambda: doors.pid_of(job), within=BEGIN_SECONDS)


def test_a_killed_work_horse_is_told_with_its_signal_within_a_second(doors: Doors) -> None:
    job, bystander = work(doors, 60), work(doors, 2)
    horse = running(doors, job)
    running(doors, bystander)

    kill(horse)
    eventually(lambda: doors.shown([job])[job] == "failed", within=TOLD_SECONDS)

    assert "SIGKILL" in doors.witness.jobs[job]["error"]["message"]
    eventually(lambda: doors.statuses([bystander])[bystander] == "finished")


def test_everything_killed_at_once_is_said_as_rq_ends_it_and_what_waited_runs_once(
    doors: Doors,
) -> None:
    done = work(doors, 0)
    eventually(lambda: doors.statuses([done])[done] == "finished")
    lost = [work(doors, 60), work(doors, 3, Retry(max=1))]
    for job in lost:
        running(doors, job)
    third = work(doors, 60)
    running(doors, third)
    waiting = [work(doors, 0.1) for _ in range(10)]

    doors.system.kill_everything()
    doors.restart()
    doors.rest(REST_SECONDS)

    ends = doors.statuses([*lost, third])
    assert [ends[job] for job in (*lost, third)] == ["failed", "finished", "failed"]
    assert set(doors.statuses([*waiting, done]).values()) == {"finished"}
    assert all(len(doors.times(job, "began")) == 1 for job in (*waiting, done))


@pytest.mark.parametrize(
    ("outage", "seconds"),
    [(redis_down, 0.0), (redis_down, 0.5), (redis_down, 12.0), (redis_frozen, 5.0)],
    ids=["restarted", "away shortly", "away long", "frozen"],
)
def test_jobs_in_every_phase_are_said_as_rq_has_them_after_an_outage_of_redis(
    doors: Doors, outage: Outage, seconds: float
) -> None:
    through, ending = work(doors, seconds + 3), work(doors, seconds / 2 + 0.3)
    for job in (through, ending):
        running(doors, job)
    for length in (0.5, 0.1, 0.1):
        work(doors, length, Retry(max=1))

    with outage(doors.system):
        let_it_last(seconds)

    doors.restart()
    eventually(lambda: doors.times(through, "ended"), within=REST_SECONDS)


@pytest.mark.parametrize("outage", [store_locked, store_read_only], ids=["locked", "read-only"])
def test_a_store_that_cannot_be_written_delays_no_job_and_gets_every_end_later(
    doors: Doors, outage: Outage
) -> None:
    through, ending, dying = work(doors, LOCKED_SECONDS + 2), work(doors, 1), work(doors, 60)
    horses = [running(doors, job) for job in (through, ending, dying)]
    try:
        with outage(doors.system):
            over = time.monotonic() + LOCKED_SECONDS
            kill(horses[2])
            quick = [work(doors, 0.1) for _ in range(5)]
            expected = {**dict.fromkeys((ending, *quick), "finished"), dying: "failed"}
            eventually(lambda: doors.statuses(list(expected)) == expected, within=LOCKED_SECONDS)
            let_it_last(max(0.0, over - time.monotonic()))
    except PermissionError as error:
        pytest.skip(str(error))

    expected[through] = "finished"
    eventually(lambda: doors.shown(list(expected)) == expected, within=HEAR_SECONDS)
    assert doors.died([*expected]) == {dying}


def test_whatever_happens_the_page_says_what_rq_has(doors: Doors, chaos_seed: int) -> None:
    dice = random.Random(chaos_seed)
    deeds: list[Callable[[], None]] = [
        lambda: _kill_a_horse(doors, dice),
        lambda: _kill_a_worker(doors, dice),
        lambda: _kill_the_web(doors),
        lambda: _suffer(doors, redis_frozen, dice),
        lambda: _suffer(doors, redis_down, dice),
        lambda: _suffer(doors, store_locked, dice),
    ]
    for _ in range(STORM):
        for _ in range(5):
            doors.restart_workers()
            work(doors, dice.uniform(0.05, 1.5), dice.choice([None, Retry(max=3)]))
        dice.choice(deeds)()
        let_it_last(dice.uniform(*LULL_SECONDS))


def _kill_a_horse(doors: Doors, dice: random.Random) -> None:
    pids = [
        pid for job in doors.jobs if not doors.times(job, "ended") and (pid := doors.pid_of(job))
    ]
    if pids:
        kill(dice.choice(pids))


def _kill_a_worker(doors: Doors, dice: random.Random) -> None:
    doors.restart()
    doors.kill(dice.choice(doors.names), alone=dice.random() < 1 / 2)


def _kill_the_web(doors: Doors) -> None:
    doors.system.web.kill()
    doors.system.web.start()


def _suffer(doors: Doors, outage: Outage, dice: random.Random) -> None:
    with outage(doors.system):
        let_it_last(dice.uniform(0.2, 3.0))
    eventually(doors.answers)
