"""Lost workers and applications' jobs: RQ ends them, and nothing that works is touched."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from headway import processes
from headway.maintenance.dead_workers import Rescuer
from headway.model.record import Origin, Record, Status, as_time, now, seconds_of
from headway.processes import Process
from headway.settings import Settings
from tests.support.by_hand import Hand

PYTHON = (sys.executable, "-c")
LONG_AGO = as_time(seconds_of(now()) - 3600)


@contextmanager
def living() -> Iterator[Process]:
    """A process that does nothing else, in a group of its own as a work-horse is."""
    pause = [*PYTHON, "import signal; signal.pause()"]
    with subprocess.Popen(pause, start_new_session=True) as process:
        try:
            yield Process(processes.HOST, process.pid, processes.start_time_of(process.pid))
            assert process.poll() is None, "it was ended"
        finally:
            process.send_signal(signal.SIGKILL)


def dead() -> Process:
    """A process that is gone."""
    with living() as process:
        return process


def worker(hand: Hand, process: Process, **fields: Any) -> None:
    """A worker of this machine."""
    place, birth = processes.pid_namespace(), process.start_time
    hand.heartbeat("rqs", place=place, pid=process.pid, birth=birth, **fields)


def run_by(hand: Hand, process: Process) -> Record:
    """An application's job of which nothing was heard for long, in a process of its own."""
    record = hand.store.save(
        hand.create(origin=Origin.APPLICATION, recorded=True),
        claim=True,
        process=process,
        status=Status.STARTED,
        worker="rqs",
        started_at=now(),
    )
    assert record is not None
    return record


@pytest.fixture
def rescuer(store: Settings, hand: Hand) -> Rescuer:
    return Rescuer(store, hand.store)


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written from now on was written long ago."""
    monkeypatch.setattr("headway.store.writer.now", lambda: LONG_AGO)


def test_a_work_horse_that_outlives_its_worker_works_on(hand: Hand, rescuer: Rescuer) -> None:
    with living() as horse:
        worker(hand, dead())
        record = run_by(hand, horse)

        rescuer.rescue()

    assert hand.store.job(record.id) == record


@pytest.mark.usefixtures("quiet")
def test_a_living_worker_of_which_nothing_is_heard_is_not_ended(
    hand: Hand, rescuer: Rescuer
) -> None:
    with living() as rqs, living() as horse:
        worker(hand, rqs, silent_seconds=3000)
        record = run_by(hand, horse)

        rescuer.rescue()

    assert hand.store.job(record.id) == record


def test_a_job_that_is_gone_with_its_worker_is_named_once_and_stays_so(
    hand: Hand, rescuer: Rescuer
) -> None:
    worker(hand, dead())
    record = run_by(hand, dead())

    rescuer.rescue()
    named = hand.store.job(record.id)
    rescuer.rescue()

    assert (named.status, named.stalled) == (Status.STARTED, True)
    assert named.message == "Worker lost: rqs, its process is gone."
    assert hand.store.job(record.id) == named


@pytest.mark.usefixtures("quiet")
def test_a_worker_that_is_heard_again_has_lost_nothing(hand: Hand, rescuer: Rescuer) -> None:
    hand.heartbeat("rqs", silent_seconds=3000)
    record = run_by(hand, dead())
    rescuer.rescue()
    assert hand.store.job(record.id).message.startswith("Worker lost: rqs, it was not heard")

    hand.heartbeat("rqs")
    rescuer.rescue()

    held = hand.store.job(record.id)
    assert (held.stalled, held.message) == (False, "")
