"""The reconciler: a started job whose worker is lost comes to an end, or to its next attempt."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headway import processes
from headway.client import new_record
from headway.errors import StoreMisused
from headway.maintenance.dead_workers import GRACE_SECONDS, Rescuer
from headway.maintenance.reconciler import Reconciler
from headway.model.record import Failure, Record, Status, as_time, now, seconds_of
from headway.retry_policy import end_after_crash
from headway.settings import Settings
from headway.store import Writer
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.valkey import Valkey
from tests.support.waiting import eventually
from tests.support.worker_process import working

pytestmark = ON_BOTH

LONG_AGO = as_time(seconds_of(now()) - 3600)


def running(
    hand: Hand,
    *,
    worker: str = "lost",
    host: str = processes.HOST,
    quiet_seconds: float,
    **fields: Any,
) -> Record:
    """A started job of which nothing was heard for so long, nor of its worker."""
    at = as_time(seconds_of(now()) - quiet_seconds)
    hand.heartbeat(worker, silent_seconds=quiet_seconds, host=host)
    return hand.create(status=Status.STARTED, worker=worker, started_at=at, updated_at=at, **fields)


def test_a_job_whose_worker_is_silent_is_stalled(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    record = running(hand, quiet_seconds=store.lease_seconds + 1)

    reconciler.round()

    held = hand.store.job(record.id)
    assert (held.status, held.stalled) == (Status.STARTED, True)


def test_a_quiet_job_of_a_living_worker_is_left_alone(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    record = running(hand, quiet_seconds=3600)
    hand.heartbeat("lost")

    reconciler.round()

    assert hand.store.job(record.id) == record


def test_a_worker_of_a_machine_whose_clock_is_slow_is_left_alone_while_its_signs_change(
    store: Settings, hand: Hand
) -> None:
    rescuer = Rescuer(store, hand.store, listen_seconds=0.2)
    record = running(hand, quiet_seconds=60, host="far")
    rescuer.rescue()

    hand.heartbeat("lost", silent_seconds=57)
    rescuer.rescue()
    later = time.monotonic() + 0.3
    eventually(lambda: time.monotonic() > later)
    rescuer.rescue()

    assert hand.store.job(record.id) == record


def test_a_worker_of_another_machine_that_gives_no_new_sign_is_lost(
    store: Settings, hand: Hand
) -> None:
    rescuer = Rescuer(store, hand.store, listen_seconds=0.2)
    record = running(hand, quiet_seconds=60, host="far")

    rescuer.rescue()
    assert hand.store.job(record.id) == record

    eventually(lambda: _over_after(rescuer.rescue, hand, record))
    assert hand.store.job(record.id).status == Status.FAILED


def test_a_job_whose_worker_stays_silent_fails_and_says_so(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    record = running(hand, quiet_seconds=store.lease_seconds + GRACE_SECONDS + 1)

    reconciler.round()

    ended = hand.store.job(record.id)
    assert (ended.status, ended.stalled) == (Status.FAILED, False)
    assert ended.error is not None
    assert ended.error.type == "WorkerLost"
    assert behind.log_of(store, record.id) == [ended.error.message]


def test_an_attempt_that_ended_while_nobody_was_there_did_not_last_until_now(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    night, worked = 30_000, 60
    began = as_time(seconds_of(now()) - night - worked)
    hand.heartbeat("lost", silent_seconds=night)
    records = [
        hand.create(
            status=Status.STARTED,
            worker="lost",
            started_at=began,
            updated_at=began,
            max_attempts=attempts,
        )
        for attempts in (1, 2)
    ]

    reconciler.round()

    ended = dict(behind.run(store, "SELECT job_id, ended_at FROM attempts WHERE number = 1"))
    for record in records:
        lasted = seconds_of(ended[record.id]) - seconds_of(began)
        assert lasted == pytest.approx(worked, abs=5)


def test_a_job_whose_worker_is_lost_gets_its_next_attempt(
    hand: Hand, reconciler: Reconciler
) -> None:
    record = running(hand, quiet_seconds=3600, max_attempts=2)

    reconciler.round()

    held = hand.store.job(record.id)
    assert (held.status, held.attempt) == (Status.SCHEDULED, 2)


def test_a_job_that_was_being_stopped_when_its_worker_was_lost_is_stopped(
    hand: Hand, reconciler: Reconciler
) -> None:
    record = running(hand, quiet_seconds=3600, stop_by="Ada", max_attempts=3)

    reconciler.round()

    assert hand.store.job(record.id).status == Status.STOPPED


def test_a_dead_process_of_this_machine_is_noticed_at_once(
    hand: Hand, reconciler: Reconciler
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    birth = processes.start_time_of(dead.pid)
    dead.wait()
    hand.heartbeat("died", place=processes.pid_namespace(), pid=dead.pid, birth=birth)
    hand.heartbeat("lives", place=processes.pid_namespace(), pid=os.getpid(),
              birth=processes.start_time_of(os.getpid()))  # fmt: skip
    hand.heartbeat("pid-reused", place=processes.pid_namespace(), pid=os.getpid(), birth="1")
    hand.heartbeat("elsewhere", place="another machine", pid=dead.pid, birth=birth)
    jobs = {name: hand.start(hand.create(), worker=name)
            for name in ("died", "lives", "pid-reused", "elsewhere")}  # fmt: skip

    reconciler.round()

    statuses = {name: hand.store.job(record.id).status for name, record in jobs.items()}
    assert statuses == {
        "died": "failed", "lives": "started", "pid-reused": "failed", "elsewhere": "started",
    }  # fmt: skip


def test_a_job_without_a_process_ends_though_its_worker_lives_and_says_nothing(
    store: Settings, hand: Hand
) -> None:
    rescuer = Rescuer(store, hand.store, unrecorded_seconds=0.2)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    here = processes.this_process()
    hand.heartbeat("lives", place=processes.pid_namespace(), pid=here.pid, birth=here.start_time)
    ended, lasts = (hand.start(hand.create(), worker="lives") for _ in range(2))
    behind.run(store, "UPDATE attempts SET pid = ? WHERE job_id = ?", dead.pid, ended.id)

    rescuer.rescue()
    assert hand.store.job(ended.id).status == Status.STARTED

    eventually(lambda: _over_after(rescuer.rescue, hand, ended))
    assert hand.store.job(ended.id).status == Status.FAILED
    assert hand.store.job(lasts.id).status == Status.STARTED


def test_a_process_that_only_seemed_dead_is_ended_before_its_job_is_given_away(
    hand: Hand, reconciler: Reconciler
) -> None:
    seeming = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    try:
        record = hand.create(
            status=Status.STARTED, worker="seeming", started_at=LONG_AGO, updated_at=LONG_AGO
        )
        hand.heartbeat("seeming", silent_seconds=3000, place=processes.pid_namespace(),
                       pid=seeming.pid, birth=processes.start_time_of(seeming.pid))  # fmt: skip

        reconciler.round()

        assert seeming.wait(20) == -signal.SIGKILL
        assert hand.store.job(record.id).status == Status.FAILED
    finally:
        seeming.kill()
        seeming.wait()


def test_the_job_of_a_killed_worker_ends_and_its_process_with_it(
    store: Settings, hand: Hand, reconciler: Reconciler, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with working(store) as worker:
        record = hand.client.submit(new_record("toy.wait", {"path": str(gate)}))
        eventually(lambda: hand.store.job(record.id).message == "Waiting")
        worker.kill()
        worker.join(20)

    eventually(lambda: _over_after(reconciler.round, hand, record))
    gate.touch()

    ended = hand.store.job(record.id)
    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.type == "WorkerLost"


def _over_after(look: Callable[[], None], hand: Hand, record: Record) -> bool:
    look()
    return hand.store.job(record.id).final


def test_a_lost_worker_is_noticed_while_redis_is_away(
    hand: Hand, reconciler: Reconciler, valkey: Valkey
) -> None:
    record = running(hand, quiet_seconds=3600)
    valkey.stop()

    reconciler.round()

    assert hand.store.job(record.id).status == Status.FAILED


def test_workers_not_heard_of_for_long_are_forgotten(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    hand.heartbeat("old", silent_seconds=100_000)
    hand.heartbeat("new")

    reconciler.round()

    assert behind.run(store, "SELECT name FROM workers") == [("new",)]


def test_one_job_that_cannot_be_looked_after_is_logged_once_and_holds_up_no_other(
    store: Settings,
    hand: Hand,
    reconciler: Reconciler,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = sorted(
        (running(hand, quiet_seconds=3600) for _ in range(2)), key=lambda record: record.id
    )

    tries = itertools.count()

    def broken(writer: Writer, record: Record, failure: Failure) -> Record | None:
        if record.id == first.id:
            raise StoreMisused(f"The store cannot do this, in try {next(tries)}.")
        return end_after_crash(writer, record, failure)

    monkeypatch.setattr("headway.maintenance.dead_workers.end_after_crash", broken)

    for _ in range(4):
        reconciler.round()

    assert hand.store.job(first.id).status == Status.STARTED
    assert hand.store.job(second.id).status == Status.FAILED
    told = [each for each in caplog.records if each.levelname == "ERROR"]
    assert len(told) == 1
    assert told[0].message.startswith(f"job {first.id}: StoreMisused: The store cannot do this")
    assert len(behind.log_of(store, first.id)) == 1
