"""Workers are read as RQ has them, and a job whose worker died is known in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
from redis.client import PubSub

from headway.broker.connection import connected
from headway.mirror.rq_job import RqJob
from headway.mirror.rq_workers import GONE_SECONDS, STALE_SECONDS, RqWorker, Workers, lost_jobs
from headway.model.record import as_time
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

NOW = 1_800_000_000.0


class Clock:
    """Says the time that the test wants."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connection(valkey: Valkey) -> Iterator[redis.Redis]:
    with connected(valkey.url) as opened:
        yield opened


@pytest.fixture
def workers(connection: redis.Redis, clock: Clock) -> Workers:
    return Workers(connection, clock=clock)


@pytest.fixture
def listener(connection: redis.Redis) -> Iterator[PubSub]:
    """What a worker named "one" keeps open, as do its work-horses."""
    with connection.pubsub() as listening:  # type: ignore[no-untyped-call]  # redis-py
        listening.subscribe("rq:pubsub:one")
        eventually(lambda: dict(connection.pubsub_numsub("rq:pubsub:one"))[b"rq:pubsub:one"] == 1)
        yield listening


def register(
    connection: redis.Redis, *, birth: float = NOW - 100, heartbeat: float = NOW, name: str = "one"
) -> None:
    """A worker as RQ writes it."""
    fields = {
        "state": "busy",
        "queues": "high,low",
        "hostname": "here",
        "pid": "12",
        "birth": as_time(birth),
        "last_heartbeat": as_time(heartbeat),
        "version": "2.6.1",
        "successful_job_count": "3",
    }
    for field, value in fields.items():
        connection.hset(f"rq:worker:{name}", field, value)
    connection.sadd("rq:workers", f"rq:worker:{name}")


def started(at: float = NOW - 5) -> RqJob:
    return RqJob("job", status="started", worker_name="one", started_at=as_time(at))


def hang_up(listener: PubSub, connection: redis.Redis) -> None:
    listener.close()
    eventually(lambda: dict(connection.pubsub_numsub("rq:pubsub:one"))[b"rq:pubsub:one"] == 0)


def test_a_worker_is_what_its_hash_says(
    connection: redis.Redis, workers: Workers, listener: PubSub
) -> None:
    register(connection)

    assert workers.look() == [
        RqWorker(
            name="one",
            state="busy",
            queues=("high", "low"),
            hostname="here",
            pid=12,
            birth=as_time(NOW - 100),
            last_heartbeat=as_time(NOW),
            version="2.6.1",
            successful_jobs=3,
            listeners=1,
        )
    ]


def test_the_job_of_a_worker_that_listens_no_more_is_lost_after_some_seconds(
    connection: redis.Redis, workers: Workers, listener: PubSub, clock: Clock
) -> None:
    register(connection)
    job = started()
    assert lost_jobs([job], workers.look([job])) == []

    hang_up(listener, connection)
    assert lost_jobs([job], workers.look([job])) == []
    clock.now += GONE_SECONDS - 1
    assert lost_jobs([job], workers.look([job])) == []
    clock.now += 1

    assert lost_jobs([job], workers.look([job])) == [job]


def test_a_worker_that_connects_again_has_lost_nothing(
    connection: redis.Redis, workers: Workers, listener: PubSub, clock: Clock
) -> None:
    register(connection)
    job = started()
    workers.look([job])
    hang_up(listener, connection)
    workers.look([job])

    listener.subscribe("rq:pubsub:one")
    eventually(lambda: workers.look()[0].listeners == 1)
    clock.now += GONE_SECONDS
    hang_up(listener, connection)

    assert lost_jobs([job], workers.look([job])) == []


def test_a_worker_whose_heart_beats_has_lost_nothing_though_it_does_not_listen(
    connection: redis.Redis, workers: Workers, listener: PubSub, clock: Clock
) -> None:
    register(connection)
    job = started()
    workers.look([job])
    hang_up(listener, connection)
    workers.look([job])
    clock.now += GONE_SECONDS - 1
    register(connection, heartbeat=clock.now)
    workers.look([job])

    clock.now += GONE_SECONDS
    assert lost_jobs([job], workers.look([job])) == []

    clock.now += STALE_SECONDS
    assert lost_jobs([job], workers.look([job])) == [job]


def test_a_worker_that_was_never_heard_is_gone_by_its_heartbeat_alone(
    connection: redis.Redis, workers: Workers, clock: Clock
) -> None:
    register(connection)
    job = started()
    workers.look([job])

    clock.now += GONE_SECONDS
    assert lost_jobs([job], workers.look([job])) == []

    clock.now += STALE_SECONDS
    assert lost_jobs([job], workers.look([job])) == [job]


def test_a_worker_that_died_young_is_gone_where_others_listen(
    connection: redis.Redis, workers: Workers, listener: PubSub, clock: Clock
) -> None:
    register(connection)
    register(connection, name="young")
    job = started()
    young = replace(job, worker_name="young")
    assert lost_jobs([job, young], workers.look()) == []

    clock.now += GONE_SECONDS

    assert lost_jobs([job, young], workers.look()) == [young]


def test_a_worker_that_never_listens_is_not_gone_because_others_listen(
    connection: redis.Redis, workers: Workers, listener: PubSub, clock: Clock
) -> None:
    register(connection)
    for name in ("deaf", "another"):
        register(connection, name=name)
    workers.look()
    clock.now += GONE_SECONDS
    register(connection, name="deaf", heartbeat=clock.now)
    workers.look()

    clock.now += GONE_SECONDS
    assert [worker.name for worker in workers.look() if worker.gone] == []


def test_a_worker_whose_hash_has_expired_is_gone(workers: Workers, clock: Clock) -> None:
    job = started()
    workers.look([job])
    clock.now += GONE_SECONDS

    assert lost_jobs([job], workers.look([job])) == [job]


def test_a_job_is_lost_when_its_workers_name_is_another_process_by_now(
    connection: redis.Redis, workers: Workers, listener: PubSub
) -> None:
    register(connection, birth=NOW)
    earlier, later = started(NOW - 5), started(NOW + 5)

    assert lost_jobs([earlier, later], workers.look()) == [earlier]

    with connection.pubsub() as orphan:  # type: ignore[no-untyped-call]  # redis-py
        orphan.subscribe("rq:pubsub:one")
        eventually(lambda: workers.look()[0].listeners == 2)
        assert lost_jobs([earlier], workers.look()) == []


def test_what_is_no_worker_is_only_a_name(connection: redis.Redis, workers: Workers) -> None:
    connection.set("rq:worker:one", "something else")
    connection.sadd("rq:workers", b"rq:worker:\xff")
    connection.hset("rq:worker:two", "pid", "many")

    found = workers.look([started(), RqJob("other", worker_name="two")])

    assert [(worker.name, worker.pid) for worker in found] == [
        ("one", None),
        ("two", None),
        ("\ufffd", None),
    ]


@pytest.mark.parametrize("refused", [["-pubsub"], ["-sort", "-sort_ro"], ["-@admin"]])
def test_what_redis_refuses_is_done_without(
    connection: redis.Redis, valkey: Valkey, clock: Clock, refused: list[str]
) -> None:
    register(connection)
    connection.acl_setuser(
        "reader",
        enabled=True,
        nopass=True,
        keys=["*"],
        channels=["*"],
        commands=["+@all", *refused],
    )
    with connected(valkey.url.replace("//", "//reader:x@")) as limited:
        found = Workers(limited, clock=clock).look()
    connection.acl_deluser("reader")

    assert [worker.name for worker in found] == ["one"]
    assert found[0].listeners == (None if "-pubsub" in refused else 0)


def test_a_look_at_many_workers_is_two_commands(connection: redis.Redis, workers: Workers) -> None:
    for number in range(50):
        register(connection, name=f"w{number}")
    workers.look()

    before = connection.info("stats")["total_commands_processed"]
    assert len(workers.look()) == 50

    assert connection.info("stats")["total_commands_processed"] - before == 2 + 1
