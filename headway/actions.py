"""What a person can do to a job: stop it, retry it, delete it. Each says what really happened.

The store decides; RQ is told afterwards, and by its own means only where they are safe.
"""

from __future__ import annotations

import logging
from contextlib import suppress

import redis
from rq.command import send_command
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from headway.broker import queues
from headway.broker.refusals import why
from headway.client import Dispatcher
from headway.endings import cancel
from headway.errors import Conflict, StoreUnavailable, UnknownKind
from headway.external import origin_of
from headway.files import forget_artifacts, forget_upload
from headway.kinds.registry import find
from headway.model.record import Failure, Origin, Record, Status, now

STOP = "stop-job"  # RQ's word for it
REDIS_AWAY = "Redis is away; try again later."
RETRIED_FROM = frozenset({Status.FAILED, Status.STOPPED, Status.CANCELED})

log = logging.getLogger(__name__)


def stop(dispatcher: Dispatcher, job_id: str, *, by: str) -> Record:
    """Cancel a waiting job; ask the worker of a started one to end it.

    The worker looks into the store every few seconds; the command through Redis only makes it
    quicker. Raises UnknownJob, Conflict, StoreUnavailable.
    """
    record = dispatcher.store.job(job_id)
    if record.final:
        raise Conflict(f"The job is {record.status} already.")
    if record.status != Status.STARTED:
        canceled = _cancel(dispatcher, record, by)
        if canceled is not None:
            return canceled
        record = dispatcher.store.job(job_id)
    return _stop_started(dispatcher, record, by)


def retry(dispatcher: Dispatcher, job_id: str) -> Record:
    """Queue the next attempt of a job that failed, was stopped or canceled.

    Raises UnknownJob, Conflict, StoreUnavailable.
    """
    record = dispatcher.store.job(job_id)
    if record.status not in RETRIED_FROM:
        raise Conflict(f"The job is {record.status}; only one that did not work out is retried.")
    foreign = None
    if record.origin == Origin.APPLICATION:
        foreign = _held_by_rq(dispatcher, record)
    else:
        _check_known(record)
    following = dispatcher.store.next_attempt(record, RETRIED_FROM)
    if following is None:
        raise Conflict("The job moved on meanwhile; look again.")
    if foreign is None:
        dispatcher.hand_on(following, anew=True)
    else:
        _requeue(dispatcher, foreign, following, record)
    return following


def delete(dispatcher: Dispatcher, job_id: str) -> None:
    """Remove a job that is over, with its log, attempts and files.

    Raises UnknownJob, Conflict, StoreUnavailable.
    """
    record = dispatcher.store.job(job_id)
    if dispatcher.store.delete(job_id) is None:
        raise Conflict(f"The job is {record.status}; stop it before deleting it.")
    forget_artifacts(dispatcher.settings, job_id)
    _forget_uploads(dispatcher, record)
    with suppress(redis.RedisError):
        dispatcher.forget(record)


def _forget_uploads(dispatcher: Dispatcher, record: Record) -> None:
    with suppress(StoreUnavailable, ValueError, OSError):  # a file too many does no harm
        for name in dispatcher.store.let_go_of_uploads(record):
            forget_upload(dispatcher.settings, name)


def _cancel(dispatcher: Dispatcher, record: Record, by: str) -> Record | None:
    """The job canceled, or None when a worker took it in this very moment."""
    saved = cancel(dispatcher.store, record, by)
    if saved is None:
        return None
    with suppress(redis.RedisError):
        dispatcher.forget(saved)
    return saved


def _stop_started(dispatcher: Dispatcher, record: Record, by: str) -> Record:
    if record.status != Status.STARTED:
        raise Conflict("The job moved on meanwhile; look again.")
    if record.stop_by is not None:
        raise Conflict(f"{record.stop_by} asked for that already; it is being stopped.")
    saved = dispatcher.store.save(record, stop_by=by)
    if saved is None:
        raise Conflict("The job ended meanwhile; look again.")
    try:
        send_command(dispatcher.redis, str(saved.worker), STOP, job_id=saved.id)
    except redis.RedisError as error:
        log.info("job %s will be stopped at its worker's next look: %s", saved.id, error)
    return saved


def _check_known(record: Record) -> None:
    try:
        find(record.kind)
    except UnknownKind as error:
        raise Conflict(f"The kind {record.kind} is not known any more.") from error


def _held_by_rq(dispatcher: Dispatcher, record: Record) -> Job:
    # RQ itself keeps what another program's job is; where it does not any more, nobody does.
    try:
        job = Job.fetch(record.id, connection=dispatcher.redis, serializer=JSONSerializer)
    except (NoSuchJobError, ValueError, KeyError, TypeError) as error:
        # RQ takes no longer every id that it took, nor a hash that it did not write.
        raise Conflict("RQ does not know this job any more; enqueue it anew.") from error
    except redis.RedisError as error:
        raise Conflict(_refused_by(error)) from error
    if origin_of(job) != record.origin:
        raise Conflict("RQ knows another job by this id; enqueue it anew.")
    return job


def _requeue(dispatcher: Dispatcher, job: Job, following: Record, before: Record) -> None:
    try:
        name = dispatcher.claims.list_of(following.queue)
        queues.queue(dispatcher.redis, name).enqueue_job(job)
    except redis.RedisError as error:
        # Nobody else can give it to RQ, so it must not be left as queued.
        said = f"The job could not be queued again. {_refused_by(error)}"
        if before.error is not None:
            said += f" Attempt {before.attempt} failed: {before.error.message}"
        error_said = Failure("NotQueued", said)
        dispatcher.store.save(following, status=Status.FAILED, error=error_said, ended_at=now())
        raise Conflict(_refused_by(error)) from error


def _refused_by(error: redis.RedisError) -> str:
    away = isinstance(error, redis.ConnectionError | redis.TimeoutError)
    return REDIS_AWAY if away and not isinstance(error, redis.AuthenticationError) else why(error)
