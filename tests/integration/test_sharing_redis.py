"""Two Headways on one Redis, as two checkouts have it: each runs its own jobs, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rq.utils import as_text

from headway.broker import queues
from headway.broker.claims import KEY
from headway.maintenance.reconciler import Reconciler
from headway.model.record import Record, Status
from headway.settings import Settings
from headway.worker.forking import Worker
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.waiting import eventually
from tests.support.worker_process import burst, environment, submit, working

TOYS = "tests.support.toy_jobs"
LONG_AGO = "2020-01-01T00:00:00.000000Z"
MANY = 10
CLAIM = KEY.format(queue="toys")


@pytest.fixture
def other_store(store: Settings, tmp_path: Path) -> Settings:
    """A second checkout's settings: the same Redis, a store of its own."""
    folder = tmp_path / "other"
    folder.mkdir()
    settings = store.model_copy(update={"data_dir": folder})
    shutil.copyfile(store.database_path, settings.database_path)
    behind.run(settings, "UPDATE counter SET epoch = ?", "0123abcd")
    return settings


@pytest.fixture
def other(other_store: Settings) -> Iterator[Hand]:
    """Its hand."""
    with Hand(other_store) as made:
        yield made


def ended(hand: Hand, records: list[Record]) -> bool:
    return all(hand.store.job(record.id).final for record in records)


def waiting(hand: Hand, name: str) -> list[str]:
    key = queues.queue(hand.client.redis, name).key
    return [as_text(entry) for entry in hand.client.redis.lrange(key, 0, -1)]


def test_each_runs_its_own_jobs_at_once_and_none_is_lost(
    store: Settings, hand: Hand, other_store: Settings, other: Hand
) -> None:
    with ExitStack() as both, Reconciler(store) as first, Reconciler(other_store) as second:
        for settings in (store, other_store):
            both.enter_context(working(settings))
        eventually(lambda: hand.client.redis.exists(CLAIM))
        ours = [submit(hand, "toy.count") for _ in range(MANY)]
        theirs = [submit(other, "toy.count") for _ in range(MANY)]

        eventually(lambda: ended(hand, ours) and ended(other, theirs), within=20)
        for settings, mine in ((store, ours), (other_store, theirs)):
            assert not any(behind.log_of(settings, record.id) for record in mine)
        first.round()
        second.round()
    said = [(each.data_dir / "worker.out").read_text() for each in (store, other_store)]
    assert sum("another Headway" in each for each in said) == 1, said


def test_another_programs_job_is_run_by_the_one_that_came_first(
    store: Settings, hand: Hand, other_store: Settings, other: Hand
) -> None:
    burst(store)
    toys = queues.queue(hand.client.redis, "toys")
    job = toys.enqueue(f"{TOYS}.plain", 2)

    said = burst(other_store)
    waits = waiting(hand, "toys")
    burst(store)

    assert waits == [job.id]
    assert "REDIS_URL=redis://127.0.0.1:6379/1" in said
    assert hand.store.job(job.id).status == Status.FINISHED
    assert behind.run(other_store, "SELECT count(*) FROM jobs") == [(0,)]


def test_a_job_that_waits_while_another_headway_comes_to_its_queue_is_passed_on(
    store: Settings, hand: Hand, other_store: Settings, reconciler: Reconciler
) -> None:
    record = submit(hand, "toy.count")

    burst(other_store)
    waits = waiting(hand, f"toys@{hand.store.epoch}")
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)
    reconciler.round()
    burst(store)

    assert waits == [record.id]
    assert hand.store.job(record.id).status == Status.FINISHED
    assert behind.log_of(store, record.id) == []


def test_a_job_follows_when_the_other_headway_is_gone(
    store: Settings, hand: Hand, other_store: Settings, reconciler: Reconciler
) -> None:
    burst(other_store)
    record = submit(hand, "toy.count")
    own = waiting(hand, f"toys@{hand.store.epoch}")
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    hand.client.redis.delete(CLAIM)  # as when it ran out
    reconciler.round()

    assert own == [record.id]
    assert waiting(hand, "toys") == [record.id]
    assert waiting(hand, f"toys@{hand.store.epoch}") == []
    assert behind.log_of(store, record.id) == []


def test_a_store_that_is_made_anew_takes_its_queues_over_at_once(
    store: Settings, hand: Hand
) -> None:
    burst(store)
    behind.run(store, "UPDATE counter SET epoch = ?", "0123abcd")
    job = queues.queue(hand.client.redis, "toys").enqueue(f"{TOYS}.plain", 2)

    said = burst(store)

    assert hand.store.job(job.id).status == Status.FINISHED
    assert "another Headway" not in said


def test_a_workers_signs_of_life_keep_its_claim_while_a_job_runs(
    store: Settings, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(store).items():
        monkeypatch.setenv(name, value)
    worker = Worker(["toys"], connection=hand.client.redis)

    worker.heartbeat()

    assert hand.client.redis.pttl(CLAIM) > 0


def test_workers_of_one_store_share_a_queue(store: Settings, hand: Hand) -> None:
    with ExitStack() as all_of_them:
        for _ in range(2):
            all_of_them.enter_context(working(store))
        records = [submit(hand, "toy.count") for _ in range(MANY)]
        eventually(lambda: ended(hand, records))
    assert "another Headway" not in (store.data_dir / "worker.out").read_text()


def test_a_canceled_job_leaves_either_list(hand: Hand, other_store: Settings) -> None:
    burst(other_store)
    record = submit(hand, "toy.count")

    hand.client.forget(record)

    assert waiting(hand, f"toys@{hand.store.epoch}") == []


def test_another_programs_job_in_a_list_of_our_own_is_of_its_queue(
    other_store: Settings, store: Settings, hand: Hand
) -> None:
    burst(other_store)
    redis = hand.client.redis
    job = queues.queue(redis, f"toys@{hand.store.read_epoch()}").enqueue(f"{TOYS}.plain", 2)

    burst(store)

    record = hand.store.job(job.id)
    assert (record.queue, record.status) == ("toys", Status.FINISHED)


def test_what_is_no_jobs_id_stops_neither_worker_nor_reconciler(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    redis, junk = hand.client.redis, b"\xff\xfe not UTF-8"
    toys = queues.queue(redis, "toys")
    for key in (toys.key, toys.intermediate_queue_key):
        redis.rpush(key, junk)
    for key in ("rq:wip:toys", "rq:failed:toys", "rq:scheduled:toys"):
        redis.zadd(key, {junk: 1})
    for key in ("rq:workers", "rq:workers:toys"):
        redis.sadd(key, b"rq:worker:" + junk)
    lost = hand.create(updated_at=LONG_AGO)
    due = hand.create(status=Status.SCHEDULED, run_at=LONG_AGO)
    record = submit(hand, "toy.count")

    reconciler.round()
    reconciler.round()
    burst(store)

    for each in (lost, due, record):
        assert hand.store.job(each.id).status == Status.FINISHED
    assert redis.lrange(toys.intermediate_queue_key, 0, -1) == []


def test_a_job_whose_hash_cannot_be_read_stops_no_worker(store: Settings, hand: Hand) -> None:
    redis = hand.client.redis
    redis.hset(
        "rq:job:broken", mapping={"data": b"\xff\xfe", "origin": b"\xff", "created_at": b"\xff"}
    )
    redis.rpush("rq:queue:toys", "broken")
    record = submit(hand, "toy.count")

    said = burst(store)

    assert hand.store.job(record.id).status == Status.FINISHED
    assert "broken" in said
