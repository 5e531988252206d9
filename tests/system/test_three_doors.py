"""A plain RQ application under workers of all three doors at once, which are killed at random."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rq import Retry

from tests.support import doors_application as application
from tests.support.chaos_outages import let_it_last
from tests.support.doors import DOORS, Doors, Loss, opened
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)

# How long a job works, and how long after a worker was killed the next one is; in seconds.
WORK_SECONDS = (0.05, 3.0)
LULL_SECONDS = (0.5, 2.0)
# One of so many workers is killed alone, and one of so many jobs fails by itself.
ALONE = 3
FAILING = 10
# A lost job is named within this long, and the page shows what RQ has; in seconds.
NAMED_SECONDS = 15.0
SHOWN_SECONDS = 30.0
# When it was not named by then, in seconds, it never is.
GIVE_UP_SECONDS = 30.0
# Until all jobs have run, in seconds.
REST_SECONDS = 180.0


def test_each_jobs_last_state_is_rqs_and_a_lost_one_is_named_in_time(
    tmp_path: Path, chaos_seed: int, doors_size: tuple[int, int]
) -> None:
    dice = random.Random(chaos_seed)
    number, kills = doors_size
    with opened(tmp_path) as doors:
        jobs = [_enqueue(doors, dice) for _ in range(number)]
        losses = _kill_at_random(doors, dice, kills)
        named = [(loss, _named_after(doors, loss)) for loss in losses]
        doors.rest(REST_SECONDS)

        print(f"seed {chaos_seed}:")
        for loss, seconds in sorted(named, key=lambda each: each[0].door):
            print(f"door {loss.door}: a lost job was named after {seconds:.1f} s")
        eventually(lambda: doors.shown(jobs) == doors.statuses(jobs), within=SHOWN_SECONDS)
        assert len(doors.statuses(jobs)) == number
        assert doors.died(jobs) <= {loss.job for loss in losses}
        assert doors.ran_after_success(jobs) == []
        assert not doors.witness.broken
        assert [each for each in named if each[1] > NAMED_SECONDS] == []


def _enqueue(doors: Doors, dice: random.Random) -> str:
    function = application.fail if dice.randrange(FAILING) == 0 else application.work
    retry = dice.choice([None, Retry(max=2)])
    seconds = dice.uniform(*WORK_SECONDS)
    return doors.queue.enqueue(function, str(doors.trail), seconds, retry=retry).id


def _kill_at_random(doors: Doors, dice: random.Random, kills: int) -> list[Loss]:
    losses = []
    for _ in range(kills):
        let_it_last(dice.uniform(*LULL_SECONDS))
        door = dice.choice(DOORS)
        loss = doors.kill(door, alone=dice.randrange(ALONE) == 0)
        losses += [loss] if loss else []
        doors.system.programs[door].start()
    return losses


def _named_after(doors: Doors, loss: Loss) -> float:
    """How long it took, in seconds."""

    def seconds() -> float | None:
        told = doors.witness.named.get(loss.job, [])
        return next((at - loss.at for at in told if at > loss.at), None)

    try:
        return eventually(seconds, within=GIVE_UP_SECONDS)
    except AssertionError:
        return float("inf")
