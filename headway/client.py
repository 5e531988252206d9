"""The client: jobs are submitted, stopped, retried and deleted here.

The store decides and RQ follows, with its own functions only where they are safe. So a job
that is in the store will run, even if Redis is away just now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
from rq.command import send_command

from headway.broker import queues
from headway.broker.changes import Publisher
from headway.broker.claims import Claims, own_list
from headway.broker.connection import connect
from headway.broker.redis_refusals import why_not_now
from headway.broker.redis_troubles import CircuitBreaker
from headway.errors import (
    BadParameters,
    Conflict,
    HeadwayError,
    StoreUnavailable,
    UnknownJob,
    UnknownKind,
)
from headway.external import external_job
from headway.files import forget_artifacts, forget_upload, keep_upload
from headway.kinds.kind import Validated
from headway.kinds.registry import find
from headway.mirror import rq_actions
from headway.model.idempotency import IdempotentRequest
from headway.model.record import (
    ACTIONS,
    Action,
    Failure,
    Record,
    Status,
    as_time,
    new_id,
    now,
)
from headway.retry_policy import cancel
from headway.settings import Settings
from headway.store import Writer
from headway.store.uploads import release_uploads

# Longest delay of a job, in seconds: a year.
LONGEST_DELAY_SECONDS = 366 * 24 * 3600
ENQUEUEING = "queueing jobs; until then they wait in the store"
STOP = "stop-job"  # RQ's name of the command
CHANGED = "The job has changed in the meantime; reload it."

log = logging.getLogger(__name__)


def new_record(
    kind_name: str, params: Any, *, owner: str | None = None, run_at: float | None = None
) -> Record:
    """A record for a job of a kind, due at `run_at` (seconds since 1970) or at once.

    Raises UnknownKind, BadParameters.
    """
    return record_for(find(kind_name).validated(params), owner=owner, run_at=run_at)


def record_for(
    validated: Validated, *, owner: str | None = None, run_at: float | None = None
) -> Record:
    """The same for validated parameters. Raises BadParameters."""
    kind = validated.kind
    later = run_at is not None and run_at > time.time()
    if later and run_at is not None and run_at > time.time() + LONGEST_DELAY_SECONDS:
        raise BadParameters({"run_at": "is more than a year away"})
    created = now()
    return Record(
        id=new_id(),
        kind=kind.name,
        queue=kind.queue,
        owner=owner,
        title=kind.title_of(validated.model),
        status=Status.SCHEDULED if later else Status.QUEUED,
        seq=0,
        attempt=1,
        max_attempts=kind.max_attempts,
        params=validated.params,
        arguments=validated.arguments,
        created_at=created,
        updated_at=created,
        run_at=as_time(run_at) if later and run_at is not None else None,
    )


class Client:
    """Saves jobs, publishes their changes and queues them in RQ. One thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._publisher = Publisher(settings.redis_url)
        self.store = Writer(settings, on_commit=self._publisher.publish)
        self.redis = connect(settings.redis_url)
        self.claims = Claims(self.redis, settings, lambda: self.epoch)
        self._breaker = CircuitBreaker(ENQUEUEING, settings.redis_url)

    @property
    def epoch(self) -> str:
        """The store's name. Raises StoreUnavailable."""
        return self.store.epoch or self.store.read_epoch()

    def submit(
        self,
        record: Record,
        *,
        once: IdempotentRequest | None = None,
        upload: tuple[str, bytes] | None = None,
        also: Callable[[Writer], None] | None = None,
    ) -> Record:
        """Keep a new job, and queue it if it is due.

        The request `once`, sent a second time, gives back the first one's job, whatever became of
        that. The `upload`, a name and its content, is kept with the job. `also` writes what belongs
        to the job, in the same transaction.
        Raises StoreUnavailable, and Conflict for a key of another request; then nothing was kept.
        """
        if upload is None:
            return self._submit(record, once, None, also)
        name, content = upload
        keep_upload(self.settings, name, content)
        try:
            saved = self._submit(record, once, name, also)
        except (Conflict, StoreUnavailable) as error:
            # A connection that breaks at its very commit hides that the job is there after all.
            if isinstance(error, Conflict) or not self.settings.on_postgresql:
                forget_upload(self.settings, name)
            raise
        if saved.id != record.id:  # the same request was sent before
            forget_upload(self.settings, name)
        return saved

    def act(
        self,
        action: Action,
        job_id: str,
        *,
        by: str,
        check: Callable[[Record], object] | None = None,
    ) -> Record:
        """Stop, retry or delete a job; returns its record as it is then.

        `check` raises for a record that `by` may not see, before anything happens to it.
        Raises UnknownJob, Conflict, StoreUnavailable.
        """
        record = self.store.job(job_id)
        if check is not None:
            check(record)
        if action is Action.STOP:
            return self._stop(record, by)
        return self._retry(record) if action is Action.RETRY else self._delete(record)

    def stop(self, job_id: str, *, by: str) -> Record:
        """Cancel a waiting job; have the worker of a started one end it.

        The worker looks into the store every few seconds; the command through Redis only makes
        that faster. Raises UnknownJob, Conflict, StoreUnavailable.
        """
        return self._stop(self.store.job(job_id), by)

    def retry(self, job_id: str) -> Record:
        """Queue the next attempt of a job that failed, was stopped or canceled.

        Raises UnknownJob, Conflict, StoreUnavailable.
        """
        return self._retry(self.store.job(job_id))

    def delete(self, job_id: str) -> Record:
        """Remove a job that is over, with its log, attempts and files; returns its tombstone.

        Raises UnknownJob, Conflict, StoreUnavailable.
        """
        return self._delete(self.store.job(job_id))

    def enqueue(self, record: Record, *, again: bool = False) -> bool:
        """Give a queued job to RQ, `again` when RQ may know it already.

        False while Redis is away, for the reconciler will do it; and for an external job.
        Raises UnknownKind, StoreUnavailable.
        """
        if record.external or record.status != Status.QUEUED:
            return False
        if time.monotonic() < self._breaker.open_until:
            return False
        seconds = find(record.kind).timeout_seconds or self.settings.job_timeout_seconds
        try:
            if again:
                self.forget(record)
            name = self.claims.list_of(record.queue)
            queues.enqueue(self.redis, record, seconds, name=name, store=self.epoch)
        except redis.RedisError as error:
            self._breaker.failed(error)
            return False
        if self._breaker.open_until:
            self._breaker.succeeded()
        return True

    def forget(self, record: Record) -> None:
        """Remove every trace of a job from RQ. Raises redis.RedisError."""
        if record.external:
            with suppress(UnknownJob, Conflict):
                rq_actions.delete(self.redis, record.id)
        queues.forget(self.redis, record, own_list(record.queue, self.epoch))

    def open(self) -> None:
        """Connect to Redis now, if it answers, instead of when it is first needed."""
        self._publisher.open()
        with suppress(redis.RedisError):
            self.redis.ping()

    def close(self) -> None:
        """Close all connections; may be called twice."""
        self.redis.close()
        self._publisher.close()
        self.store.close()

    def _submit(
        self,
        record: Record,
        once: IdempotentRequest | None,
        upload: str | None,
        also: Callable[[Writer], None] | None,
    ) -> Record:
        saved = self.store.create(record, once=once, upload=upload, also=also)
        if saved is None:
            known = self.store.answer_to(once) if once else None
            if known is None:
                raise Conflict("This key was used for another request; use a new one.")
            return known
        self.enqueue(saved)
        return saved

    def _stop(self, record: Record, by: str) -> Record:
        if record.final:
            raise Conflict(f"The job is already {record.status}.")
        if record.status != Status.STARTED:
            canceled = self._cancel(record, by)
            if canceled is not None:
                return canceled
            record = self.store.job(record.id)
        return self._stop_started(record, by)

    def _retry(self, record: Record) -> Record:
        if Action.RETRY not in record.actions:
            raise Conflict(f"The job is {record.status}; it cannot be retried.")
        return self._retry_external(record) if record.external else self._retry_ours(record)

    def _delete(self, record: Record) -> Record:
        tombstone = self.store.delete(record.id)
        if tombstone is None:
            raise Conflict(f"The job is {record.status}; stop it before deleting it.")
        forget_artifacts(self.settings, record.id)
        with suppress(StoreUnavailable, ValueError, OSError):  # a leftover file does no harm
            for name in release_uploads(self.store, record):
                forget_upload(self.settings, name)
        with suppress(redis.RedisError):
            self.forget(record)
        return tombstone

    def _cancel(self, record: Record, by: str) -> Record | None:
        """The canceled job, or None when a worker has just taken it."""
        if record.external and not self._cancels_in_rq(record):
            return None
        saved = cancel(self.store, record, by)
        if saved is not None and not saved.external:
            with suppress(redis.RedisError):
                self.forget(saved)
        return saved

    def _cancels_in_rq(self, record: Record) -> bool:
        try:
            rq_actions.cancel(self.redis, record.id)
        except UnknownJob:
            return True  # there is nothing left to cancel
        except Conflict:
            return False
        except redis.RedisError as error:
            raise Conflict(why_not_now(error)) from error
        return True

    def _stop_started(self, record: Record, by: str) -> Record:
        if record.status != Status.STARTED:
            raise Conflict(CHANGED)
        if record.stop_by is not None:
            raise Conflict(f"{record.stop_by} already asked to stop it; it is being stopped.")
        saved = self.store.save(record, stop_by=by)
        if saved is None:
            raise Conflict("The job has ended in the meantime.")
        try:
            send_command(self.redis, str(saved.worker), STOP, job_id=saved.id)
        except redis.RedisError as error:
            log.info("job %s will be stopped when its worker looks next: %s", saved.id, error)
        return saved

    def _retry_ours(self, record: Record) -> Record:
        try:
            find(record.kind)
        except UnknownKind as error:
            raise Conflict(f"There is no kind {record.kind} any more.") from error
        following = self._next_attempt(record)
        self.enqueue(following, again=True)
        return following

    def _retry_external(self, record: Record) -> Record:
        external_job(self.redis, record.id)  # nothing is written where RQ does not know it
        following = self._next_attempt(record)
        try:
            rq_actions.requeue(self.redis, record.id)
        except (redis.RedisError, HeadwayError) as error:
            # The reconciler cannot queue an external job, so it must not stay queued.
            why = why_not_now(error) if isinstance(error, redis.RedisError) else str(error)
            said = f"The job could not be queued again. {why}"
            if record.error is not None:
                said += f" Attempt {record.attempt} failed: {record.error.message}"
            failure = Failure("NotQueued", said)
            self.store.save(following, status=Status.FAILED, error=failure, ended_at=now())
            raise Conflict(why) from error
        return following

    def _next_attempt(self, record: Record) -> Record:
        following = self.store.next_attempt(record, ACTIONS[Action.RETRY])
        if following is None:
            raise Conflict(CHANGED)
        return following
