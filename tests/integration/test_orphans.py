"""What a job itself started does not go on working for a job that is over."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from headway.maintenance.reconciler import Reconciler
from headway.model.record import Record, Status
from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.waiting import eventually
from tests.support.worker_process import submit, working


def test_the_children_of_a_killed_work_horse_end_with_it(store: Settings, hand: Hand) -> None:
    with working(store):
        record = submit(hand, "toy.parent")
        child = _child_of(hand, record)

        os.kill(_own_pid(store, record), signal.SIGKILL)

        eventually(lambda: hand.store.job(record.id).status == Status.FAILED)
        eventually(lambda: not _lives(child))


def test_the_children_of_a_killed_workers_job_end_when_the_job_is_given_up(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    with working(store) as worker:
        record = submit(hand, "toy.parent")
        child = _child_of(hand, record)
        worker.kill()
        worker.join(20)
    # Nobody else would: it is the kernel that ends the work-horse, and only that.
    assert _lives(child)

    eventually(lambda: _is_over_after_a_round(reconciler, hand, record))

    eventually(lambda: not _lives(child))


@pytest.mark.parametrize("ending", ["stop", "kill", "fail", "time"])
def test_what_a_job_started_in_a_session_of_its_own_ends_with_it(
    store: Settings, hand: Hand, ending: str
) -> None:
    with working(store):
        record = submit(hand, "toy.leave_behind", ending="fail" if ending == "fail" else "wait")
        child = eventually(lambda: _pid_said(hand, record))

        if ending == "stop":
            hand.client.stop(record.id, by="Ada")
        elif ending == "kill":
            os.kill(_own_pid(store, record), signal.SIGKILL)

        eventually(lambda: hand.store.job(record.id).final)
        eventually(lambda: not psutil.pid_exists(child))  # nor is it left as a zombie


def test_what_a_job_started_that_did_well_goes_on_and_is_no_zombie_when_it_ends(
    store: Settings, hand: Hand
) -> None:
    with working(store):
        record = submit(hand, "toy.leave_behind", ending="return")
        child = _child_of(hand, record)
        eventually(lambda: hand.store.job(record.id).status == Status.FINISHED)
        failed = submit(hand, "toy.leave_behind", ending="fail")
        eventually(lambda: hand.store.job(failed.id).final)
        lived = _lives(child)

        child.kill()
        eventually(lambda: not child.is_running())

    assert lived


def test_what_a_lost_workers_job_started_in_a_session_of_its_own_ends_when_it_is_given_up(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    with working(store) as worker:
        record = submit(hand, "toy.leave_behind")
        child = _child_of(hand, record)
        worker.kill()
        worker.join(20)

    eventually(lambda: _is_over_after_a_round(reconciler, hand, record))

    eventually(lambda: not _lives(child))


def _child_of(hand: Hand, record: Record) -> psutil.Process:
    return psutil.Process(eventually(lambda: _pid_said(hand, record)))


def _pid_said(hand: Hand, record: Record) -> int:
    """The child's pid, once the job has reported it; 0 before."""
    return int(hand.store.job(record.id).message or 0)


def _own_pid(store: Settings, record: Record) -> int:
    return int(behind.run(store, "SELECT pid FROM attempts WHERE job_id = ?", record.id)[0][0])


def _is_over_after_a_round(reconciler: Reconciler, hand: Hand, record: Record) -> bool:
    reconciler.round()
    return hand.store.job(record.id).final


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
