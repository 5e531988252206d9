"""The queues in Redis, by way of RQ: putting jobs in, taking them out, looking.

It never asks a registry in a way that cleans it up: RQ would then fail other people's jobs from
within our request.
"""

from __future__ import annotations

import redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

from jobs.records import Record
from jobs.registry import find

# What RQ runs for every kind of ours; the record says the rest.
WORK = "jobs.work.work"
# How long, in seconds, RQ keeps what it knows of a job after its end; the store keeps more.
RESULT_SECONDS = 60
FAILURE_SECONDS = 3600


def queue(connection: redis.Redis, name: str) -> Queue:
    """A queue as Headway uses it: JSON, for a pickle would run whatever is in Redis."""
    return Queue(name, connection=connection, serializer=JSONSerializer)


def enqueue(
    connection: redis.Redis, record: Record, default_timeout_seconds: int, *, anew: bool
) -> None:
    """Hand a queued record to RQ; `anew` removes first what RQ still holds of it.

    Raises redis.RedisError, UnknownKind.
    """
    kind = find(record.kind)
    if anew:
        forget(connection, record)
    queue(connection, record.queue).enqueue_call(
        WORK,
        args=(record.id, record.attempt),
        timeout=kind.timeout_seconds or default_timeout_seconds,
        result_ttl=RESULT_SECONDS,
        failure_ttl=FAILURE_SECONDS,
        job_id=record.id,
        description=f"{record.kind} {record.id}",
    )


def listed(connection: redis.Redis, name: str) -> tuple[set[str], set[str]]:
    """Ids of the jobs that wait in a queue, and of those on their way to a work-horse."""
    where = queue(connection, name)
    waiting = connection.lrange(where.key, 0, -1)
    in_between = connection.lrange(where.intermediate_queue_key, 0, -1)
    return {as_text(i) for i in waiting}, {as_text(i) for i in in_between}


def forget(connection: redis.Redis, record: Record) -> None:
    """Remove every trace of a job from RQ."""
    where = queue(connection, record.queue)
    with connection.pipeline() as pipeline:
        pipeline.delete(Job.key_for(record.id))
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
