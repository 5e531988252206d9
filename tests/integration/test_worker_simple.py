"""The worker for systems without a fork: a job's life is recorded by the process that runs it."""

from __future__ import annotations

import pytest

from headway.model.record import Record, Status
from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.worker_process import LONGEST_SECONDS, start, submit


def test_jobs_run_one_after_another_in_the_one_process(store: Settings, hand: Hand) -> None:
    counted, failed = submit(hand, "toy.count", to=4), submit(hand, "toy.fail", text="no luck")

    _burst(store)

    counted, failed = hand.store.job(counted.id), hand.store.job(failed.id)
    assert (counted.status, counted.result) == (Status.FINISHED, {"counted": 4})
    assert failed.status == Status.FAILED
    assert failed.error is not None
    assert failed.error.message == "no luck"
    assert _pid(store, counted) == _pid(store, failed)


def test_a_job_that_takes_too_long_is_ended(store: Settings, hand: Hand) -> None:
    record = submit(hand, "toy.too_slow")

    _burst(store)

    ended = hand.store.job(record.id)
    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.type == "TimedOut"


def test_the_lease_is_renewed_while_a_job_keeps_the_process(store: Settings, hand: Hand) -> None:
    record = submit(hand, "toy.too_slow")

    _burst(store, renewal_seconds=0.1)

    ended = hand.store.job(record.id)
    between = "SELECT count(*) FROM beats WHERE at > ? AND at < ?"
    beats = behind.run(store, between, ended.started_at, ended.ended_at)
    assert beats[0][0] >= 4  # in the second that the job has; the taking itself is one


@pytest.fixture(autouse=True)
def _beats_are_counted(store: Settings) -> None:
    behind.run(store, "CREATE TABLE beats (at TEXT)")
    behind.run(
        store,
        "CREATE TRIGGER beat AFTER UPDATE OF heartbeat_at ON workers"
        " BEGIN INSERT INTO beats VALUES (NEW.heartbeat_at); END",
    )


def _pid(store: Settings, record: Record) -> int:
    return int(behind.run(store, "SELECT pid FROM attempts WHERE job_id = ?", record.id)[0][0])


def _burst(store: Settings, renewal_seconds: float = 3.0) -> None:
    process = start(store, _work, renewal_seconds, output=store.data_dir / "worker.out")
    process.join(LONGEST_SECONDS)
    assert process.exitcode == 0, (store.data_dir / "worker.out").read_text()


def _work(settings: Settings, renewal_seconds: float) -> None:
    from headway.supervisor import work_on  # noqa: PLC0415  # in the child only
    from headway.worker.worker import SimpleWorker, Timings  # noqa: PLC0415  # as above

    timings = Timings(renewal=renewal_seconds)
    work_on(settings, "toys", burst=True, worker_class=SimpleWorker, timings=timings)
