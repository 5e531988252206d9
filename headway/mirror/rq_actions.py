"""What a person may do to a job of an RQ application: stop, cancel, queue again, delete.

RQ's own functions do it, with a serializer that reads nothing: what the application keeps in a job
comes back byte for byte, in the serializer that the application chose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from redis.client import Pipeline
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.registry import (
    BaseRegistry,
    CanceledJobRegistry,
    FailedJobRegistry,
    FinishedJobRegistry,
)

from headway.errors import Conflict, UnknownJob
from headway.mirror.keys import Keys

WAITING = frozenset("created queued deferred scheduled rate_limited ready_to_enqueue".split())
# Where RQ keeps a job that has ended, by its status.
ENDED: dict[str, type[BaseRegistry]] = {
    "finished": FinishedJobRegistry,
    "failed": FailedJobRegistry,
    "stopped": FailedJobRegistry,
    "canceled": CanceledJobRegistry,
}


class Unread:
    """A serializer that gives back what it was given; RQ asks a value to be a dict at times."""

    @staticmethod
    def loads(data: bytes) -> dict[str, bytes]:
        return {"unread": data}

    @staticmethod
    def dumps(value: dict[str, bytes]) -> bytes:
        return value["unread"]


def stop(connection: redis.Redis, job_id: str) -> None:
    """Ask the worker of a started job to kill it; RQ's SimpleWorker does not hear that.

    Raises UnknownJob, Conflict where no job runs or its worker is gone, and redis.RedisError.
    """
    job = _fetched(connection, job_id)
    if _status(job) != "started" or not job.worker_name:
        raise Conflict(f"The job is {_status(job)}, so it cannot be stopped.")
    command = json.dumps({"command": "stop-job", "job_id": job_id})
    if not connection.publish(Keys().commands_to(job.worker_name), command):
        raise Conflict("The job's worker does not listen any more.")


def cancel(connection: redis.Redis, job_id: str) -> None:
    """Take a job that waits out of its queue or registry, for good.

    Raises UnknownJob, Conflict and redis.RedisError.
    """
    job = _fetched(connection, job_id)
    if _status(job) not in WAITING:
        raise Conflict(f"The job is {_status(job)}, so it cannot be canceled.")
    _while_unchanged(job, lambda pipeline: job.cancel(pipeline=pipeline))
    connection.zrem(Keys().rq_scheduler, job_id)


def requeue(connection: redis.Redis, job_id: str) -> None:
    """Put a job that has ended back into its queue.

    Raises UnknownJob, Conflict and redis.RedisError.
    """
    job = _fetched(connection, job_id)
    registry = ENDED.get(_status(job))
    if registry is None:
        raise Conflict(f"The job is {_status(job)}, so it cannot be queued again.")
    with _in_our_words():
        registry(job.origin, connection, serializer=Unread).requeue(job)
    if not job.ttl:
        # RQ leaves the time at which the ended job was to be dropped.
        connection.persist(job.key)


def delete(connection: redis.Redis, job_id: str) -> None:
    """Remove a job that waits or has ended, with its results.

    Raises UnknownJob, Conflict and redis.RedisError.
    """
    job = _fetched(connection, job_id)
    if _status(job) not in WAITING | ENDED.keys():
        raise Conflict(f"The job is {_status(job)}, so it cannot be deleted.")
    if job.group_id and not connection.exists(Keys().group(job.group_id)):
        # RQ would not delete a job whose group is gone.
        job.group_id = None
    _while_unchanged(job, lambda pipeline: job.delete(pipeline=pipeline))
    # RQ 2 would leave the results.
    connection.delete(Keys().results(job_id))
    connection.zrem(Keys().rq_scheduler, job_id)


def _fetched(connection: redis.Redis, job_id: str) -> Job:
    """The job; not by `Job.fetch`, which refuses ids that earlier versions took."""
    job = Job(connection=connection, serializer=Unread)
    job._id = job_id
    try:
        job.refresh()  # type: ignore[no-untyped-call]  # RQ
    except NoSuchJobError:
        raise UnknownJob from None
    except (ValueError, TypeError) as error:
        raise Conflict("RQ does not understand this job.") from error
    return job


def _status(job: Job) -> str:
    known = job.get_status(refresh=False)
    return str(known.value) if known else "created"


def _while_unchanged(job: Job, act: Callable[[Pipeline | None], object]) -> None:
    """Act unless the job changes in this moment: a worker may take it."""
    if not job.connection.hexists(job.key, "status"):
        # So rq-scheduler leaves it, and RQ needs to know in which list to look.
        job.set_status(JobStatus.QUEUED)
    if getattr(job, "rate_limit_key", None):
        # RQ has a transaction of its own for these.
        with _in_our_words():
            act(None)
        return
    with job.connection.pipeline() as pipeline, _in_our_words():
        known = job.get_status(refresh=False)
        pipeline.watch(job.key)  # type: ignore[no-untyped-call]  # redis-py
        if job.get_status(refresh=True) != known:
            raise redis.WatchError
        pipeline.multi()
        act(pipeline)
        pipeline.execute()


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except redis.WatchError:
        raise Conflict("The job has just changed; look at it again.") from None
    except NoSuchJobError:
        raise UnknownJob from None
    except InvalidJobOperation as error:
        raise Conflict("RQ has this job nowhere, so nothing was done to it.") from error
