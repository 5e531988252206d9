"""The reconciler: what the store says is queued will run; and who reconciles."""

from __future__ import annotations

import pytest
from rq.job import Job
from rq.serializers import JSONSerializer

from headway.broker.queues import queue
from headway.client import new_record
from headway.maintenance.leader_lock import NAME
from headway.maintenance.reconciler import Reconciler
from headway.maintenance.requeuer import GIVEN_BACK, Requeuer
from headway.model.record import Origin, Status, as_time, new_id, now, seconds_of
from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.waiting import eventually
from tests.support.worker_process import burst

pytestmark = ON_BOTH

LONG_AGO = as_time(seconds_of(now()) - 3600)


def test_a_queued_job_that_redis_never_had_runs(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    record = hand.create(updated_at=LONG_AGO, params={"to": 2})

    reconciler.round()
    burst(store)

    ended = hand.store.job(record.id)
    assert (ended.status, ended.result) == (Status.FINISHED, {"counted": 2})
    assert behind.log_of(store, record.id) == [GIVEN_BACK]


def test_queued_jobs_survive_a_wiped_redis(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    records = [hand.client.submit(new_record("toy.count", {})) for _ in range(3)]
    hand.client.redis.flushall()
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    reconciler.round()
    burst(store)

    assert {hand.store.job(record.id).status for record in records} == {Status.FINISHED}


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_job_that_somebody_canceled_in_rq_is_canceled_and_not_given_back(
    store: Settings, hand: Hand, reconciler: Reconciler, attempt: int
) -> None:
    record = hand.client.submit(new_record("toy.count", {}))
    Job.fetch(record.id, connection=hand.client.redis, serializer=JSONSerializer).cancel()
    if attempt == 2:  # which nobody has canceled
        hand.store.next_attempt(record, frozenset({Status.QUEUED}))
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    reconciler.round()

    held = hand.store.job(record.id)
    if attempt == 2:
        assert (held.status, hand.in_redis()) == (Status.QUEUED, [record.id])
    else:
        assert (held.status, hand.in_redis()) == (Status.CANCELED, [])
        assert held.message == "Canceled by RQ's Job.cancel before it began."


def test_a_job_that_was_just_submitted_is_left_alone(hand: Hand, reconciler: Reconciler) -> None:
    hand.create()

    reconciler.round()

    assert hand.in_redis() == []


def test_a_job_that_waits_in_redis_is_not_put_there_twice(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    record = hand.client.submit(new_record("toy.count", {}))
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    reconciler.round()

    assert hand.in_redis() == [record.id]
    assert behind.log_of(store, record.id) == []


def test_a_job_on_its_way_to_a_worker_is_given_back_only_after_a_while(hand: Hand) -> None:
    requeuer = Requeuer(hand.client, in_between_seconds=0.2)
    record = hand.create(updated_at=LONG_AGO)
    between = queue(hand.client.redis, "toys").intermediate_queue_key
    hand.client.redis.lpush(between, record.id)

    requeuer.requeue_lost()
    assert hand.in_redis() == []

    def is_given_back() -> bool:
        requeuer.requeue_lost()
        return hand.in_redis() == [record.id]

    eventually(is_given_back)


def test_a_lost_job_behind_many_that_wait_is_found_however_many_they_are(hand: Hand) -> None:
    # A look takes but two jobs here, as it takes some thousands of a queue of any length.
    requeuer = Requeuer(hand.client, look_seconds=-1, sweep_rows=2)
    for _ in range(5):
        hand.create(kind="somebody.elses", queue="busy", updated_at=LONG_AGO)
    lost = hand.create(updated_at=LONG_AGO)

    for _ in range(4):
        requeuer.requeue_lost()

    assert hand.in_redis() == [lost.id]


def test_a_queued_job_of_a_kind_that_is_gone_waits_for_it_whatever_it_was_asked_with(
    hand: Hand, reconciler: Reconciler
) -> None:
    asked = {"args": [1], "kwargs": {}}
    record = hand.create(kind="somebody.elses", params=asked, updated_at=LONG_AGO)

    reconciler.round()

    assert hand.in_redis() == []
    assert hand.store.job(record.id) == record


def test_another_programs_job_that_redis_lost_before_its_retry_fails_and_says_so(
    hand: Hand, reconciler: Reconciler
) -> None:
    redis = hand.client.redis
    job = queue(redis, "toys").enqueue("toy.count", 1)  # called like a kind of ours
    held = hand.create(id=job.id, kind="toy.count", origin=Origin.APPLICATION, updated_at=LONG_AGO)
    redis.delete(queue(redis, "toys").key)  # as while RQ itself waits to run it again

    reconciler.round()
    while_rq_knows_it = hand.store.job(held.id)
    redis.flushall()
    reconciler.round()
    reconciler.round()  # what is seen twice is sure

    assert while_rq_knows_it == held
    ended = hand.store.job(held.id)
    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.message.startswith("Redis has lost this job")


def test_a_scheduled_job_is_queued_when_it_is_due_and_not_before(
    hand: Hand, reconciler: Reconciler
) -> None:
    due = hand.create(status=Status.SCHEDULED, run_at=LONG_AGO)
    later = hand.create(status=Status.SCHEDULED, run_at=as_time(seconds_of(now()) + 60))

    reconciler.round()

    assert (hand.store.job(due.id).status, hand.store.job(due.id).run_at) == ("queued", None)
    assert hand.store.job(later.id) == later
    assert hand.in_redis() == [due.id]


def test_of_two_reconcilers_one_holds_the_lock(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    reconciler.round()
    with Reconciler(store) as other:
        record = hand.create(status=Status.SCHEDULED, run_at=LONG_AGO)
        other.round()
        assert hand.store.job(record.id).status == Status.SCHEDULED

    reconciler.round()
    assert hand.store.job(record.id).status == Status.QUEUED


def test_a_holder_that_ends_leaves_the_lock_to_the_next_and_never_takes_anothers(
    store: Settings, hand: Hand
) -> None:
    lock = NAME.format(duty="reconciler", epoch=hand.store.read_epoch())
    with Reconciler(store) as first:
        first.round()
        assert hand.client.redis.get(lock)
    assert hand.client.redis.get(lock) is None

    with Reconciler(store) as second:
        second.round()
        hand.client.redis.set(lock, new_id())
    assert hand.client.redis.get(lock) is not None


def test_one_job_of_which_redis_holds_something_else_is_logged_once_and_holds_up_no_other(
    hand: Hand, reconciler: Reconciler, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = (hand.create(updated_at=LONG_AGO) for _ in range(2))
    hand.client.redis.set(Job.key_for(broken.id), "no hash")

    for _ in range(4):
        reconciler.round()

    assert hand.in_redis() == [sound.id]
    told = [each.message for each in caplog.records if each.levelname == "ERROR"]
    assert [line.startswith(f"job {broken.id}: ") for line in told] == [True]
