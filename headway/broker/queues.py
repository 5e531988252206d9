"""RQ's queues in Redis: putting jobs in, taking them out, looking.

No registry is read in a way that cleans it up: RQ would then fail other people's jobs within our
request.
"""

from __future__ import annotations

from typing import Any

import redis
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from headway.broker.redis_troubles import log_once
from headway.model.record import Record

# What RQ runs for every kind of ours; the record says the rest.
WORK = "headway.workhorse.work.work"
# Its name in an earlier Headway, whose jobs may still wait.
EARLIER_WORK = "jobs.work.work"
# The key, in RQ's `meta` of our jobs, of the epoch of the store that has the record.
STORE = "headway_store"
# How long, in seconds, RQ keeps an ended job; the store keeps more.
RESULT_SECONDS = 60
FAILURE_SECONDS = 3600


def queue(connection: redis.Redis, name: str) -> Queue:
    """A queue with JSON as its serializer, for a pickle would run whatever is in Redis."""
    return Queue(name, connection=connection, serializer=JSONSerializer)


def enqueue(
    connection: redis.Redis,
    record: Record,
    timeout_seconds: int,
    *,
    name: str | None = None,
    store: str | None = None,
) -> None:
    """Enqueue a record of a `store`, in the list `name` where that is not the queue's.

    Raises redis.RedisError.
    """
    queue(connection, name or record.queue).enqueue_call(
        WORK,
        args=(record.id, record.attempt),
        timeout=timeout_seconds,
        result_ttl=RESULT_SECONDS,
        failure_ttl=FAILURE_SECONDS,
        job_id=record.id,
        description=f"{record.kind} {record.id}",
        meta={STORE: store} if store else None,
    )


def listed(connection: redis.Redis, name: str) -> tuple[set[str], set[str]]:
    """Ids of the jobs that wait in a queue, and of those on their way to a work-horse."""
    where = queue(connection, name)
    waiting = connection.lrange(where.key, 0, -1)
    in_between = connection.lrange(where.intermediate_queue_key, 0, -1)
    return _ids(waiting, where.key), _ids(in_between, where.intermediate_queue_key)


def waits_in(connection: redis.Redis, name: str, job_id: str) -> bool:
    """True for a job in the list `name`."""
    return connection.lpos(queue(connection, name).key, job_id) is not None


def is_canceled(connection: redis.Redis, record: Record) -> bool:
    """True for a job that was canceled in RQ, in the attempt that the record waits for."""
    status = connection.hget(Job.key_for(record.id), "status")
    if status != JobStatus.CANCELED.value.encode():
        return False
    if record.external:
        return True
    job = Job.fetch(record.id, connection=connection, serializer=JSONSerializer)
    return bool(job.args[1] == record.attempt)


def put_back(connection: redis.Redis, job: Job, taken_from: Queue) -> None:
    """Put a job that was just taken back, in first place."""
    with connection.pipeline() as pipeline:
        pipeline.lrem(taken_from.intermediate_queue_key, 1, job.id)
        pipeline.lpush(taken_from.key, job.id)
        pipeline.execute()


def pass_on(connection: redis.Redis, job: Job, taken_from: Queue, name: str) -> None:
    """Move a job that was just taken to the list `name`."""
    target = queue(connection, name)
    with connection.pipeline() as pipeline:
        pipeline.lrem(taken_from.intermediate_queue_key, 1, job.id)
        pipeline.hset(job.key, "origin", name)
        pipeline.sadd(target.redis_queues_keys, target.key)
        pipeline.rpush(target.key, job.id)
        pipeline.execute()


def stop_waiting(connection: redis.Redis, record: Record) -> None:
    """Take a job that RQ has queued, or scheduled, out of its lists: RQ has it as stopped then."""
    where = queue(connection, record.queue)
    with connection.pipeline() as pipeline:
        pipeline.lrem(where.key, 0, record.id)
        pipeline.zrem(where.scheduled_job_registry.key, record.id)
        pipeline.hset(Job.key_for(record.id), "status", JobStatus.STOPPED.value)
        pipeline.execute()


def drop_unreadable(connection: redis.Redis, name: str) -> None:
    """Remove entries that were taken from a queue and are no job's id: RQ would retry forever."""
    between = queue(connection, name).intermediate_queue_key
    entries: Any = connection.lrange(between, 0, -1)
    for entry in entries:
        if not _readable(entry, between):
            connection.lrem(between, 0, entry)


def forget(connection: redis.Redis, record: Record, *names: str | None) -> None:
    """Remove every trace of a job from RQ, in its queue's list and in those of `names`."""
    with connection.pipeline() as pipeline:
        pipeline.delete(Job.key_for(record.id))
        for name in {record.queue, *filter(None, names)}:
            where = queue(connection, name)
            pipeline.lrem(where.key, 0, record.id)
            pipeline.lrem(where.intermediate_queue_key, 0, record.id)
            for registry in (
                where.failed_job_registry,
                where.finished_job_registry,
                where.scheduled_job_registry,
                where.deferred_job_registry,
                where.canceled_job_registry,
            ):
                pipeline.zrem(registry.key, record.id)
        pipeline.execute()


def _ids(entries: Any, key: str) -> set[str]:
    return {entry.decode() for entry in entries if _readable(entry, key)}


def _readable(entry: bytes, key: str) -> bool:
    try:
        entry.decode()
    except UnicodeDecodeError:
        log_once(f"{key} holds {entry[:40]!r}, which is no job's id: it is skipped")
        return False
    return True
