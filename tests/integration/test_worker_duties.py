"""A real worker: what it lets go, what it stops, and how it ends itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway import processes
from headway.broker import queues
from headway.broker.connection import connected
from headway.broker.queues import enqueue
from headway.model.record import Record, Status
from headway.settings import Settings
from headway.worker.forking import Worker
from tests.conftest import NO_REDIS
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.waiting import eventually
from tests.support.worker_process import burst, submit, working


def test_a_job_that_is_in_redis_twice_runs_once(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    record = submit(hand, "toy.append", path=str(path))
    for _ in range(2):
        enqueue(hand.client.redis, record, 60)
    assert hand.client.redis.llen("rq:queue:toys") == 3

    burst(store)

    assert path.read_text() == "ran\n"
    assert hand.store.job(record.id).status == Status.FINISHED


def test_a_job_of_an_older_attempt_in_redis_does_not_run_the_next_before_its_time(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    record = submit(hand, "toy.append", path=str(path))
    hand.store.next_attempt(record, frozenset({Status.QUEUED}), status=Status.SCHEDULED)

    burst(store)

    assert not path.exists()
    assert hand.store.job(record.id).status == Status.SCHEDULED
    assert queues.listed(hand.client.redis, "toys") == (set(), set())


def test_a_retry_runs_at_once_though_rq_was_told_of_the_old_attempt_after_it(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    record = submit(hand, "toy.append", path=str(path))
    hand.store.next_attempt(record, frozenset({Status.QUEUED}))

    burst(store)

    assert path.read_text() == "ran\n"
    ended = hand.store.job(record.id)
    assert (ended.status, ended.attempt) == (Status.FINISHED, 2)


def test_a_canceled_job_that_redis_still_holds_does_not_run(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    record = submit(hand, "toy.append", path=str(path))
    hand.client.stop(record.id, by="somebody")
    enqueue(hand.client.redis, record, 60)

    burst(store)

    assert not path.exists()
    assert hand.store.job(record.id).status == Status.CANCELED


def test_a_worker_outlives_a_redis_that_is_away_between_two_jobs(store: Settings) -> None:
    with connected(store.redis_url) as there, connected(NO_REDIS) as nowhere:
        worker = Worker(["toys"], connection=there)
        worker.connection = nowhere

        worker.check_for_suspension(burst=False)
        worker.run_maintenance_tasks()

        worker.lease.end()


def test_a_running_job_is_stopped_when_somebody_asks(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with working(store):
        record = submit(hand, "toy.wait", path=str(gate))
        eventually(lambda: hand.store.job(record.id).message == "Waiting")

        asked = hand.client.stop(record.id, by="Ada")
        ended = eventually(lambda: _ended(hand, record))

    assert asked.stop_by == "Ada"
    assert ended.status == Status.STOPPED
    assert ended.error is not None
    assert ended.error.message == "Stopped by Ada."
    assert ended.progress == 10.0


@pytest.mark.parametrize("meanwhile", ["it failed", "another runs it"])
def test_a_job_that_was_given_up_meanwhile_does_not_run_on(
    store: Settings, hand: Hand, tmp_path: Path, meanwhile: str
) -> None:
    said = store.data_dir / "worker.out"
    with working(store):
        record = submit(hand, "toy.wait", path=str(tmp_path / "gate"))
        eventually(lambda: hand.store.job(record.id).message == "Waiting")
        own = "SELECT pid, birth FROM attempts WHERE job_id = ? AND number = 1"
        pid, birth = behind.run(store, own, record.id)[0]

        moved_on = hand.fail(hand.store.job(record.id))
        if meanwhile == "another runs it":
            following = hand.store.next_attempt(moved_on, frozenset({Status.FAILED}))
            assert following is not None
            moved_on = hand.start(following, worker="another")
        eventually(lambda: processes.is_gone(pid, birth))
        eventually(lambda: "stopped" in said.read_text())

    held = hand.store.job(record.id)
    assert (held.status, held.worker, held.seq) == (moved_on.status, moved_on.worker, moved_on.seq)


def test_a_worker_that_is_asked_to_end_finishes_its_job_first(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with working(store) as process:
        record = submit(hand, "toy.wait", path=str(gate), shout="through")
        eventually(lambda: hand.store.job(record.id).message == "Waiting")

        process.terminate()
        gate.touch()
        process.join(30)

    assert process.exitcode == 0
    assert hand.store.job(record.id).status == Status.FINISHED
    assert behind.log_of(store, record.id) == ["waiting", "through"]


def test_a_worker_says_that_it_lives_and_says_goodbye(store: Settings, hand: Hand) -> None:
    with working(store):
        query = "SELECT queue, ended_at FROM workers"
        assert eventually(lambda: behind.run(store, query)) == [("toys", None)]

    assert behind.run(store, "SELECT count(ended_at) FROM workers") == [(1,)]


def _ended(hand: Hand, record: Record) -> Record | None:
    held = hand.store.job(record.id)
    return held if held.final else None


def test_how_often_rq_tidies_up_is_the_applications_own_wish(hand: Hand) -> None:
    usual = Worker(["toys"], connection=hand.client.redis)
    wished = Worker(["toys"], connection=hand.client.redis, maintenance_interval=30.0)

    assert usual.maintenance_interval < 30
    assert wished.maintenance_interval == 30.0
