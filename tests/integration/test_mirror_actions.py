"""A person stops, cancels, repeats and deletes another application's jobs; nothing is unpickled."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Iterator

import pytest
import redis
from redis.client import Pipeline
from rq import Queue
from rq.group import Group
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, FinishedJobRegistry

from headway.broker.connection import connected
from headway.errors import Conflict, UnknownJob
from headway.mirror import rq_actions
from headway.mirror.jobs import JobReader
from headway.mirror.keys import Keys
from headway.mirror.rq_job import RqJob
from tests.support.valkey import Valkey

# Pickles that would fail, were they read: they name what is not there.
DATA = b"\x80\x04cno_such_module\nfunction\n."
META = b"\x80\x04cno_such_module\nmeta\n."

Act = Callable[[redis.Redis, str], None]


@pytest.fixture
def connection(valkey: Valkey) -> Iterator[redis.Redis]:
    with connected(valkey.url) as opened:
        yield opened


@pytest.fixture
def queue(connection: redis.Redis) -> Queue:
    return Queue("default", connection=connection)


def unreadable(job: Job) -> Job:
    """The same job with contents that must not be read."""
    job.connection.hset(job.key, "data", zlib.compress(DATA))
    job.connection.hset(job.key, "meta", META)
    return job


def ended(queue: Queue, status: JobStatus) -> Job:
    """A job that its worker has left in a registry, to be dropped in some minutes."""
    job = queue.enqueue("app.work")
    queue.remove(job)
    job.set_status(status)
    finished = status is JobStatus.FINISHED
    registry = (FinishedJobRegistry if finished else FailedJobRegistry)(queue=queue)
    registry.add(job, 500)
    job.connection.expire(job.key, 500)
    return unreadable(job)


def stored(connection: redis.Redis, job: Job) -> RqJob | None:
    return JobReader(connection, Keys()).whole([job.id])[job.id]


def status(connection: redis.Redis, job: Job) -> str | None:
    found = stored(connection, job)
    return None if found is None else found.status


def contents(connection: redis.Redis, job: Job) -> tuple[bytes, bytes]:
    data, meta = connection.hmget(job.key, ["data", "meta"])
    assert isinstance(data, bytes)
    assert isinstance(meta, bytes)
    return zlib.decompress(data), meta


def test_a_waiting_job_is_canceled(connection: redis.Redis, queue: Queue) -> None:
    job = unreadable(queue.enqueue("app.work"))

    rq_actions.cancel(connection, job.id)

    assert status(connection, job) == "canceled"
    assert connection.lrange(queue.key, 0, -1) == []
    assert contents(connection, job) == (DATA, META)


def test_a_deferred_job_is_canceled(connection: redis.Redis, queue: Queue) -> None:
    first = queue.enqueue("app.work")
    job = unreadable(queue.enqueue("app.work", depends_on=first))

    rq_actions.cancel(connection, job.id)

    assert status(connection, job) == "canceled"
    assert connection.zcard("rq:deferred:default") == 0


def test_a_rate_limited_job_is_canceled_and_the_next_one_is_not_held_up(
    connection: redis.Redis, queue: Queue
) -> None:
    limit = pytest.importorskip("rq.rate_limit").RateLimit("mail", concurrency=1)  # since RQ 3.0
    first, second = (unreadable(queue.enqueue("app.work", rate_limit=limit)) for _ in range(2))

    rq_actions.cancel(connection, first.id)

    assert (status(connection, first), status(connection, second)) == ("canceled", "queued")


def test_a_job_of_rq_scheduler_is_canceled(connection: redis.Redis, queue: Queue) -> None:
    job = Job.create("app.work", connection=connection, origin="default")
    job.save()
    connection.hdel(job.key, "status")
    connection.zadd("rq:scheduler:scheduled_jobs", {job.id: 1})

    rq_actions.cancel(connection, job.id)

    assert connection.zcard("rq:scheduler:scheduled_jobs") == 0
    assert status(connection, job) == "canceled"


@pytest.mark.parametrize("how", [JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED])
def test_an_ended_job_is_queued_again_as_it_was(
    connection: redis.Redis, queue: Queue, how: JobStatus
) -> None:
    job = ended(queue, how)

    rq_actions.requeue(connection, job.id)

    assert status(connection, job) == "queued"
    assert connection.lrange(queue.key, 0, -1) == [job.id.encode()]
    assert contents(connection, job) == (DATA, META)
    assert connection.ttl(job.key) == -1


def test_a_canceled_job_is_queued_again(connection: redis.Redis, queue: Queue) -> None:
    job = unreadable(queue.enqueue("app.work"))
    rq_actions.cancel(connection, job.id)

    rq_actions.requeue(connection, job.id)

    assert status(connection, job) == "queued"
    assert connection.zcard("rq:canceled:default") == 0


@pytest.mark.parametrize("how", [JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED])
def test_an_ended_job_is_deleted_with_all_its_keys(
    connection: redis.Redis, queue: Queue, how: JobStatus
) -> None:
    job = ended(queue, how)
    connection.xadd(f"rq:results:{job.id}", {"type": 1})

    rq_actions.delete(connection, job.id)

    assert connection.keys() == [b"rq:queues"]


def test_a_job_whose_group_is_gone_is_deleted(connection: redis.Redis, queue: Queue) -> None:
    (job,) = Group(connection, "night").enqueue_many(queue, [Queue.prepare_data("app.work")])
    connection.delete("rq:group:night")

    rq_actions.delete(connection, job.id)

    assert stored(connection, job) is None


def test_an_id_that_only_earlier_versions_took_is_no_obstacle(
    connection: redis.Redis, queue: Queue
) -> None:
    fields = {"status": "failed", "origin": "default", "data": "x"}
    for field, value in fields.items():
        connection.hset("rq:job:report: May 5", field, value)
    connection.zadd("rq:failed:default", {"report: May 5": 1})

    rq_actions.requeue(connection, "report: May 5")

    assert connection.lrange(queue.key, 0, -1) == [b"report: May 5"]


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("queued", rq_actions.stop),
        ("started", rq_actions.stop),
        ("started", rq_actions.cancel),
        ("started", rq_actions.requeue),
        ("started", rq_actions.delete),
        ("finished", rq_actions.cancel),
        ("queued", rq_actions.requeue),
        ("failed", rq_actions.requeue),
        ("of a later version", rq_actions.delete),
    ],
)
def test_what_a_job_does_not_allow_is_a_conflict_and_changes_nothing(
    connection: redis.Redis, queue: Queue, state: str, act: Act
) -> None:
    job = unreadable(queue.enqueue("app.work"))
    connection.hset(job.key, "status", state)
    connection.hset(job.key, "worker_name", "that is gone")
    before = {key: connection.dump(key) for key in connection.scan_iter()}

    with pytest.raises(Conflict):
        act(connection, job.id)

    assert {key: connection.dump(key) for key in connection.scan_iter()} == before


@pytest.mark.parametrize(
    "act", [rq_actions.stop, rq_actions.cancel, rq_actions.requeue, rq_actions.delete]
)
def test_a_job_that_is_not_there_is_unknown(connection: redis.Redis, act: Act) -> None:
    with pytest.raises(UnknownJob):
        act(connection, "nothing")


def test_a_job_that_a_worker_takes_in_this_moment_is_not_canceled(
    connection: redis.Redis, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.enqueue("app.work")
    canceled = Job.cancel

    def cancel_too_late(self: Job, pipeline: Pipeline) -> object:
        connection.hset(job.key, "status", "started")
        return canceled(self, pipeline)

    monkeypatch.setattr(Job, "cancel", cancel_too_late)

    with pytest.raises(Conflict):
        rq_actions.cancel(connection, job.id)

    assert status(connection, job) == "started"


def test_the_serializer_gives_back_what_it_was_given() -> None:
    data = pickle.dumps({"a": 1})

    assert rq_actions.Unread.dumps(rq_actions.Unread.loads(data)) == data
