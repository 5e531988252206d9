"""External jobs: other code put them into RQ, and their records are made from what RQ knows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import redis
from rq.exceptions import NoSuchJobError
from rq.job import Job

from headway.broker.claims import queue_of
from headway.broker.queues import EARLIER_WORK, WORK
from headway.broker.redis_refusals import why_not_now
from headway.errors import Conflict, UnknownJob
from headway.kinds.kind import TITLE_CHARACTERS
from headway.mirror.rq_actions import Unread
from headway.model.record import FINAL, JsonDict, Origin, Record, Status, as_time, now, safe_text
from headway.store import Writer

UNREADABLE = "(cannot be read)"
# How the data of a job of ours begins: RQ's JSON of the function and its arguments.
OURS = tuple(f'["{name}"'.encode() for name in (WORK, EARLIER_WORK))
ARGUMENT_CHARACTERS = 1_000
# Of these, JSON is made as easily later.
FLAT = (bool, int, str, type(None))
# A job's id, its queue's name, when it was enqueued, and how often it may run again.
Known = tuple[str, str, datetime | None, int]
KIND_CHARACTERS = 500


def is_external(job: Job) -> bool:
    """True when other code put a job into RQ, judged by the function that RQ is to run.

    The data is not deserialized: a pickle may import the application, and connect to its database.
    """
    return not job.data.startswith(OURS)


def function_name(job: Job) -> str:
    """The dotted name of the function that the job runs."""
    try:
        return str(job.func_name)
    except Exception:  # noqa: BLE001  # a pickle may raise anything, and RQ calls it by several names
        return UNREADABLE


def known_record(store: Writer, asked: Record) -> Record | None:
    """What the store has of a job that RQ has as `asked`; None where a job of ours has its id.

    A job that is over and was enqueued again gets its next attempt; a deleted record is created
    again.
    """
    try:
        known = store.job(asked.id)
    except UnknownJob:
        return store.recreate(asked) or asked
    if not known.external:
        return None
    if known.status in FINAL:
        return store.next_attempt(replace(known, params=asked.params), FINAL) or known
    return known


def external_job(connection: redis.Redis, job_id: str) -> Job:
    """What RQ keeps of an external job, for it alone knows what is to be run. Raises Conflict."""
    try:
        job = Job.fetch(job_id, connection=connection, serializer=Unread)
    except (NoSuchJobError, ValueError, KeyError, TypeError) as error:
        # RQ no longer accepts every id that it once did, nor a hash that it did not write.
        raise Conflict("RQ does not know this job any more; enqueue it again.") from error
    except redis.RedisError as error:
        raise Conflict(why_not_now(error)) from error
    if not is_external(job):
        raise Conflict("RQ has another job with this id; enqueue it again.")
    return job


def new_external(job: Job) -> Record:
    """The record of an external job as it waits, from what RQ has of it, but its arguments."""
    return external_record(function_name(job), *known_of(job))


def known_of(job: Job) -> Known:
    """What makes a record, but for what the job's data says: nothing is deserialized."""
    return job.id, job.origin, job.created_at, job.retries_left or 0


def external_record(
    function: str, job_id: str, queue: str, created_at: datetime | None, retries: int
) -> Record:
    """The record of an external job as it waits, which runs the function of this dotted name."""
    created = as_time(created_at.timestamp()) if created_at else now()
    return Record(
        id=job_id,
        kind=safe_text(function, KIND_CHARACTERS),
        queue=queue_of(queue),
        title=safe_text(function.rpartition(".")[2] or function, TITLE_CHARACTERS),
        status=Status.QUEUED,
        seq=0,
        attempt=1,
        max_attempts=1 + retries,
        origin=Origin.APPLICATION,
        created_at=created,
        updated_at=created,
    )


def why_deferred(first: Record) -> str:
    """Why a job does not run yet, of the first job that it depends on and that has not finished."""
    if not first.final:
        return f"Waits for {first.title}."
    ended = "failed" if first.status == Status.FAILED else f"was {first.status}"
    return f"{first.title}, for which it waits, {ended}: it will not run."


def arguments_of(job: Job) -> str | JsonDict:
    """What the job's function is called with, as `shown_arguments` takes it."""
    try:
        said: JsonDict = {"args": list(job.args or ()), "kwargs": dict(job.kwargs or {})}
        if all(type(each) in FLAT for each in (*said["args"], *said["kwargs"].values())):
            return said
        return json.dumps(said, default=lambda value: safe_text(repr(value), ARGUMENT_CHARACTERS))
    except Exception:  # noqa: BLE001  # no list, no mapping, or no data that can be read
        return "{}"


def shown_arguments(said: str | JsonDict) -> JsonDict:
    """The parameters of an external job's record, of what `arguments_of` gave."""
    try:
        text = said if isinstance(said, str) else json.dumps(said)
    except ValueError:  # a number of more digits than Python turns into text
        return {}
    # RQ's JSON has NaN and Infinity, which ours has not.
    shown: JsonDict = json.loads(text, parse_constant=str)
    return shown
