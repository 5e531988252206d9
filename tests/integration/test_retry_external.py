"""Retrying a job of another program: only RQ can give it to a worker again."""

from __future__ import annotations

import pytest
from redis import ConnectionError as Away
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from headway.broker.queues import WORK
from headway.errors import Conflict
from headway.kinds import registry
from headway.mirror import rq_actions
from headway.model.record import Origin, Record, Status
from headway.settings import Settings
from jobs import kind
from tests.support import behind, toy_jobs
from tests.support.by_hand import Hand
from tests.support.valkey import Valkey
from tests.support.worker_process import burst


@pytest.fixture
def failed(store: Settings, hand: Hand) -> Record:
    """Another program's job that ran and failed."""
    queue = Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)
    job = queue.enqueue("tests.support.toy_jobs.plain_failure")
    burst(store)
    return hand.store.job(job.id)


def test_it_is_queued_again_in_its_next_attempt(
    store: Settings, hand: Hand, failed: Record
) -> None:
    following = hand.client.retry(failed.id)

    assert (following.status, following.attempt) == (Status.QUEUED, 2)
    assert hand.in_redis() == [failed.id]

    burst(store)

    assert hand.store.job(failed.id).status == Status.FAILED
    assert behind.run(store, "SELECT count(*) FROM attempts") == [(2,)]


def test_one_whose_function_is_called_like_a_kind_of_ours_is_run_as_what_it_is(
    store: Settings, hand: Hand, failed: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    kind(failed.kind, queue="toys")(toy_jobs.steps)

    following = hand.client.retry(failed.id)

    held = Job.fetch(failed.id, connection=hand.client.redis, serializer=JSONSerializer)
    assert (held.func_name, following.origin) == (failed.kind, Origin.APPLICATION)


def test_while_redis_is_away_nothing_is_written(hand: Hand, failed: Record, valkey: Valkey) -> None:
    valkey.stop()

    with pytest.raises(Conflict, match="Redis is away; try again later"):
        hand.client.retry(failed.id)

    assert hand.store.job(failed.id) == failed


def test_one_that_rq_forgot_stays_as_it_is(hand: Hand, failed: Record) -> None:
    hand.client.redis.flushall()

    with pytest.raises(Conflict, match="enqueue it again"):
        hand.client.retry(failed.id)

    assert hand.store.job(failed.id) == failed


def test_when_redis_goes_away_in_between_it_is_not_left_as_queued(
    hand: Hand, failed: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def requeue(*_: object) -> None:
        raise Away("gone")

    monkeypatch.setattr(rq_actions, "requeue", requeue)

    with pytest.raises(Conflict, match="Redis is away"):
        hand.client.retry(failed.id)

    kept = hand.store.job(failed.id)
    assert (kept.status, kept.attempt) == (Status.FAILED, 2)
    assert kept.error is not None
    assert "not today" in kept.error.message


def test_a_job_of_a_kind_that_is_gone_stays_as_it_is(hand: Hand) -> None:
    record = hand.store.job(hand.fail(hand.start(hand.create(kind="toy.gone"))).id)
    queue = Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)
    queue.enqueue(WORK, record.id, 1, job_id=record.id)

    with pytest.raises(Conflict, match=r"toy\.gone"):
        hand.client.retry(record.id)

    assert hand.store.job(record.id) == record
