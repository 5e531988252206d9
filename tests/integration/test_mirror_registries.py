"""A look a second at another application's Redis shows what changes, and costs it little."""

from __future__ import annotations

import base64
import os
import pickle
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from rq import Queue

from headway.broker.connection import connected
from headway.mirror.jobs import MAX_STORED_BYTES
from headway.mirror.places import NEWEST, Kind
from headway.mirror.registries import CHANGED, PIECE, Registries
from tests.support.valkey import Valkey

FUNCTION = "operator.add"
LAST = "2026-11-27T10:00:00.000000Z"


@pytest.fixture
def connection(valkey: Valkey) -> Iterator[redis.Redis]:
    with connected(valkey.url) as opened:
        yield opened


@pytest.fixture
def registries(connection: redis.Redis) -> Registries:
    return Registries(connection)


def changes(registries: Registries) -> set[str]:
    """The jobs that a look names."""
    return set(registries.look().changed)


def ended(connection: redis.Redis, count: int, registry: str, queue: str = "default") -> list[str]:
    """So many jobs in a registry as a worker leaves them there, each with its hash."""
    ids = [f"{registry}-{number}" for number in range(count)]
    connection.sadd("rq:queues", f"rq:queue:{queue}")
    with connection.pipeline(transaction=False) as pipeline:
        for number, one in enumerate(ids):
            fields = ["status", registry, "origin", queue, "created_at", LAST, "data", "x" * 200]
            pipeline.hset(f"rq:job:{one}", items=fields)
            pipeline.zadd(f"rq:{registry}:{queue}", {one: 1_800_000_000 + number})
        pipeline.execute()
    return ids


@contextmanager
def allowed(connection: redis.Redis, valkey: Valkey, *but: str) -> Iterator[redis.Redis]:
    """A connection that may do all but some commands."""
    connection.acl_setuser(
        "limited", enabled=True, nopass=True, keys=["*"], commands=["+@all", *but]
    )
    with connected(valkey.url.replace("//", "//limited:x@")) as limited:
        yield limited
    connection.acl_deluser("limited")


def calls(connection: redis.Redis) -> int:
    """How many commands the server has run."""
    stats = connection.info("commandstats")
    return sum(each["calls"] for name, each in stats.items() if name != "cmdstat_info")


def test_each_move_of_a_job_is_seen_at_the_next_look(
    connection: redis.Redis, registries: Registries
) -> None:
    queue = Queue("default", connection=connection)
    registries.look()

    job = queue.enqueue(FUNCTION, 1, 2)
    assert changes(registries) == {job.id}

    job.cancel()
    assert changes(registries) == {job.id}

    job.delete()
    assert changes(registries) == {job.id}
    assert registries.jobs.whole([job.id]) == {job.id: None}

    assert changes(registries) == set()


def test_a_job_that_takes_anothers_place_is_seen_though_the_size_stays(
    connection: redis.Redis, registries: Registries
) -> None:
    connection.sadd("rq:queues", "rq:queue:default")
    connection.zadd("rq:wip:default", {"first:" + uuid.uuid4().hex: 1})
    registries.look()

    connection.delete("rq:wip:default")
    connection.zadd("rq:wip:default", {"second:" + uuid.uuid4().hex: 1})

    assert changes(registries) == {"first", "second"}


def test_a_short_job_with_an_early_end_is_found_among_many_that_are_kept_for_ever(
    connection: redis.Redis, registries: Registries
) -> None:
    many = dict.fromkeys(ended(connection, NEWEST * 2, "finished"), float("inf"))
    connection.zadd("rq:finished:default", many)
    registries.look()

    connection.zadd("rq:finished:default", {"short": time.time() + 500})

    assert "short" in changes(registries)


def test_a_job_that_a_worker_ended_between_two_looks_is_seen_in_whatever_queue_it_was(
    connection: redis.Redis, registries: Registries
) -> None:
    queues = "abcdefghijklmnopqrst"
    connection.sadd("rq:queues", *(f"rq:queue:{queue}" for queue in queues))
    connection.sadd("rq:workers", "rq:worker:one")

    for queue in queues:
        registries.look()
        connection.zadd(f"rq:finished:{queue}", {f"short-{queue}": time.time() + 500})
        connection.hincrby("rq:worker:one", "successful_job_count", 1)

        assert changes(registries) == {f"short-{queue}"}


def test_a_job_that_comes_back_with_another_time_is_seen(
    connection: redis.Redis, registries: Registries
) -> None:
    first, *_ = ended(connection, 3, "failed")
    registries.look()

    connection.zadd("rq:failed:default", {first: time.time()})

    assert changes(registries) == {first}


def test_a_job_that_begins_is_seen_by_what_its_worker_says_it_runs(
    connection: redis.Redis, registries: Registries
) -> None:
    connection.sadd("rq:queues", *(f"rq:queue:{name}" for name in "abcdefghijklmno"))
    connection.sadd("rq:workers", "rq:worker:w")
    connection.hset("rq:worker:w", mapping={"successful_job_count": 3, "failed_job_count": 0})
    for _ in range(20):
        registries.look()

    connection.zadd("rq:wip:o", {"begun": 1_800_000_000})
    connection.hset("rq:worker:w", "current_job", "begun")

    assert "begun" in changes(registries)


def test_a_job_that_is_scheduled_is_seen_at_once_in_a_queue_where_nothing_else_happens(
    connection: redis.Redis, registries: Registries
) -> None:
    connection.sadd("rq:queues", *(f"rq:queue:{name}" for name in "abcdefghij"))
    for _ in range(20):
        registries.look()

    connection.zadd("rq:scheduled:g", {"later": 1_800_000_000})

    assert "later" in changes(registries)


def test_where_redis_does_not_say_that_it_was_written_to_all_is_looked_at(
    connection: redis.Redis, valkey: Valkey
) -> None:
    connection.sadd("rq:queues", "rq:queue:default")
    with allowed(connection, valkey, "-info") as limited:
        registries = Registries(limited)
        registries.look()

        connection.rpush("rq:queue:default", "new")

        assert "new" in changes(registries)


def test_the_first_look_at_many_jobs_names_the_newest(
    connection: redis.Redis, registries: Registries
) -> None:
    ids = ended(connection, NEWEST * 2, "finished")

    assert changes(registries) == set(ids[NEWEST:])
    assert changes(registries) == set()


def test_a_running_job_is_named_at_each_look_for_its_progress(
    connection: redis.Redis, registries: Registries
) -> None:
    connection.sadd("rq:queues", "rq:queue:default")
    connection.zadd("rq:wip:default", {"of an old: version": 1})
    registries.look()

    assert changes(registries) == changes(registries) == {"of an old: version"}


def test_many_jobs_are_named_a_part_at_a_time(
    connection: redis.Redis, registries: Registries
) -> None:
    queue = Queue("default", connection=connection)
    queue.enqueue(FUNCTION)
    registries.look()
    with connection.pipeline() as pipeline:
        for number in range(CHANGED + 10):
            pipeline.rpush(queue.key, f"job-{number}")
        pipeline.execute()

    assert [len(registries.look().changed) for _ in range(3)] == [CHANGED, 10, 0]


def test_the_backlog_comes_whole_a_piece_at_a_time(
    connection: redis.Redis, registries: Registries
) -> None:
    kept = {*ended(connection, PIECE + 5, "finished"), *ended(connection, 7, "failed")}

    looks = [registries.look() for _ in range(4)]

    assert {job.id for look in looks for job in look.older} == kept
    assert all(len(look.older) <= PIECE for look in looks)
    job = looks[0].older[0]
    assert (job.status, job.origin, job.created_at) == ("finished", "default", LAST)
    assert looks[-1].counts["default"][Kind.FINISHED] == PIECE + 5


@pytest.mark.parametrize(
    "queues", [["default"], ["high", "default", "low"], list("abcdefghijklmno")]
)
@pytest.mark.parametrize(("written", "most"), [(False, 12), (True, 50)])
def test_ten_thousand_jobs_at_rest_cost_few_commands(
    connection: redis.Redis, registries: Registries, queues: list[str], written: bool, most: int
) -> None:
    each = 10_000 // len(queues) // 4
    for queue in queues:
        for registry in ("finished", "failed", "canceled"):
            ended(connection, each, registry, queue)
        connection.rpush(f"rq:queue:{queue}", *(f"waits-{number}" for number in range(each)))
    while registries.look().changed:
        pass

    before, looks = calls(connection), []
    for _ in range(10):
        if written:
            connection.incr("a-key-of-another-program")
        looks.append(registries.look())

    assert (calls(connection) - before) / 10 <= most
    assert not any(look.changed for look in looks)


def test_a_look_cleans_nothing_up(connection: redis.Redis, registries: Registries) -> None:
    connection.sadd("rq:queues", "rq:queue:default")
    for registry in ("wip", "failed", "finished"):
        connection.zadd(f"rq:{registry}:default", {"long over": 1})
    before = {key: connection.zrange(key, 0, -1) for key in connection.keys("rq:*:default")}

    for _ in range(3):
        registries.look()

    after = {key: connection.zrange(key, 0, -1) for key in connection.keys("rq:*:default")}
    assert after == before


@pytest.mark.parametrize("refused", [["-sort"], ["-sort_ro"], ["-sort", "-sort_ro"]])
def test_where_sort_is_refused_the_backlog_comes_more_slowly(
    connection: redis.Redis, valkey: Valkey, refused: list[str]
) -> None:
    kept = ended(connection, 25, "finished")
    with allowed(connection, valkey, *refused) as limited:
        registries = Registries(limited)
        looks = [registries.look() for _ in range(3)]

    assert {job.id for look in looks for job in look.older} == set(kept)


def test_a_key_of_another_type_is_not_rqs(connection: redis.Redis, registries: Registries) -> None:
    connection.sadd("rq:queues", "rq:queue:default", b"\xff")
    connection.set("rq:finished:default", "something else")
    connection.zadd("rq:failed:default", {"a": 1})
    connection.set("rq:job:a", "something else")
    connection.set("rq:results:a", "something else")

    assert changes(registries) == {"a"}
    assert registries.jobs.whole(["a"]) == {"a": None}


def test_another_prefix_is_another_application(connection: redis.Redis) -> None:
    ended(connection, 1, "finished")

    assert Registries(connection, "other").look().changed == ()


def test_what_waits_for_a_rate_limit_or_rq_scheduler_is_seen(
    connection: redis.Redis, registries: Registries
) -> None:
    connection.sadd("rq:rl-keys", "mail")
    connection.zadd("rq:rl:mail:rate_limited", {"limited": 1})
    connection.zadd("rq:scheduler:scheduled_jobs", {"planned": 2})

    look = registries.look()

    assert set(look.changed) == {"limited", "planned"}
    assert look.counts[""] == {Kind.RATE_LIMITED: 1, Kind.RQ_SCHEDULER: 1}


def test_a_job_is_read_whole_with_its_newest_result(
    connection: redis.Redis, registries: Registries
) -> None:
    job = Queue("default", connection=connection).enqueue(FUNCTION, 1, 2)
    for number in (1, 2):
        value = base64.b64encode(pickle.dumps(number)).decode()
        connection.xadd(f"rq:results:{job.id}", {"type": "1", "return_value": value})

    read = registries.jobs.whole([job.id, "missing", job.id])

    assert read["missing"] is None
    found = read[job.id]
    assert found is not None
    assert (found.args, found.outcome, found.result) == ([1, 2], "successful", 2)


def test_what_is_too_large_to_be_described_is_not_read_at_all(
    connection: redis.Redis, registries: Registries
) -> None:
    job = Queue("default", connection=connection).enqueue(FUNCTION, os.urandom(MAX_STORED_BYTES))
    result = "A" * MAX_STORED_BYTES
    connection.xadd(f"rq:results:{job.id}", {"type": "1", "return_value": result})

    before = connection.info("stats")["total_net_output_bytes"]
    found = registries.jobs.whole([job.id])[job.id]

    assert connection.info("stats")["total_net_output_bytes"] - before < 20_000
    assert found is not None
    assert (found.status, found.args, found.result) == ("queued", None, None)


def test_where_redis_tells_no_sizes_all_is_read(connection: redis.Redis, valkey: Valkey) -> None:
    job = Queue("default", connection=connection).enqueue(FUNCTION, 1, 2)
    with allowed(connection, valkey, "-memory") as limited:
        found = Registries(limited).jobs.whole([job.id])[job.id]

    assert found is not None
    assert found.args == [1, 2]
