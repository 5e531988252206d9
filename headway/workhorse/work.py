"""A work-horse: RQ's hooks in the process that runs the author's function.

What happens to a job of our kinds is recorded here, first in its record and then in RQ; what
happens to an application's is left to the recorder, which follows RQ.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import signal
from contextlib import suppress
from functools import partial
from typing import Any

from rq import get_current_job
from rq.job import Job
from rq.queue import Queue
from rq.timeouts import JobTimeoutException
from rq.utils import now as utc_now
from rq.worker import BaseWorker

from headway.availability import retry_until_available
from headway.broker.queues import EARLIER_WORK, WORK
from headway.broker.redis_troubles import redis_may_fail
from headway.errors import UnknownJob
from headway.external import is_external
from headway.kinds.registry import find
from headway.model.record import Record, Status
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse.attempt import Attempt, Failed, opened_store
from headway.workhorse.claim import claim
from headway.workhorse.failures import failure_of
from headway.workhorse.forked_child import exit_if_forked
from headway.workhorse.rq_hooks import Recorder
from headway.workhorse.shared_state import SharedState

log = logging.getLogger(__name__)


def work(job_id: str, attempt: int) -> Any:
    """What RQ runs for our kinds: the kind's function, with the parameters in the job's record.

    Raises whatever the function raises, UnknownKind, BadParameters; RuntimeError in a worker
    that is not Headway's.
    """
    running = getattr(get_current_job(), ATTEMPT, None)
    if running is None:
        raise RuntimeError(f"Attempt {attempt} of job {job_id} needs a worker of Headway's.")
    # Not read again: the store may be away now, and the job can do without it.
    record = running.record
    outcome = find(record.kind).call(record.params, record.arguments)
    return asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome


# The attribute, of RQ's job, of its running attempt.
ATTEMPT = "headway_attempt"


class TimedOut(JobTimeoutException):
    """The job took longer than it may."""


class WorkHorse(BaseWorker):
    """The hooks of RQ's that run in the work-horse.

    RQ's own marks in Redis come second for a kind of ours; where Redis is away, the job goes on
    without them.
    """

    settings: Settings
    recorder: Recorder
    # Shared with the worker that watches; None where both are one process.
    shared: SharedState | None = None
    attempt: Attempt | None = None

    def renew_lease(self) -> None:
        """Say in the store that the worker lives; called while a job runs."""
        raise NotImplementedError

    def perform_job(self, job: Job, queue: Queue, *execution: Any) -> bool:
        """Claim the job and run it; drop it if it cannot be claimed."""
        with redis_may_fail(f"job {job.id}: RQ could not note its end"):
            if is_external(job):
                self.recorder.shared = self.shared
                return self.recorder.perform_job(super().perform_job, job, queue, *execution)
            return self._perform_ours(job, queue, *execution)
        return False

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """RQ's marks on a job that begins."""
        with redis_may_fail(f"job {job.id}: RQ could not note its start"):
            super().prepare_job_execution(job, remove_from_intermediate_queue)

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """The function is over; its callback, if it has one, runs for `heartbeat_ttl` seconds."""
        if self.attempt is not None:
            self.attempt.shared.start_limit(heartbeat_ttl)
        if not (job._success_callback_name or job._failure_callback_name):
            # RQ would write to Redis how long the callback may take. A Redis that is frozen would
            # delay the end in the record, which comes after this.
            job.ended_at = utc_now()
            noted: Any = _nothing
        else:
            noted = super().handle_execution_ended
        with redis_may_fail(f"job {job.id}: RQ could not note that it is over"):
            self.recorder.handle_execution_ended(noted, job, queue, heartbeat_ttl)

    def handle_job_success(self, job: Job, *rest: Any, **named: Any) -> None:
        """The end of a job whose callback did well too."""
        if self.attempt is not None:
            self.attempt.finish()
        commit = partial(self._commit, job, super().handle_job_success)
        self.recorder.handle_job_success(commit, job, *rest, **named)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A failure outside of the function, as in a callback, is recorded too."""
        if self.attempt is not None:
            self.attempt.end(Failed(failure_of(exc_info[1])))
        self.recorder.handle_exception(super().handle_exception, job, *exc_info)

    def handle_job_retry(self, job: Job, *rest: Any, **named: Any) -> None:
        """RQ's next run of a job that returned a Retry; none if it was asked to stop."""
        self.recorder.handle_job_retry(super().handle_job_retry, job, *rest, **named)

    def handle_job_failure(self, job: Job, *rest: Any, **named: Any) -> None:
        """RQ's end of a job that did not do well: stopped where its record says so."""
        if self.attempt is not None and self.attempt.stopped:
            self._stopped_job_id = job.id
        self.recorder.handle_job_failure(super().handle_job_failure, job, *rest, **named)

    def _perform_ours(self, job: Job, queue: Queue, *execution: Any) -> bool:
        with opened_store(self.settings) as store:
            record = retry_until_available(lambda: _record_of(store, job))
            claimed = claim(store, record, self.name) if record is not None else None
            if claimed is None:
                self._drop(job, queue, *execution)
                return True
            with Attempt(
                self.settings,
                store,
                claimed,
                heartbeat=self.renew_lease,
                shared=self.shared,
                recording=self.recorder.process,
            ) as attempt:
                self.attempt = attempt
                setattr(job, ATTEMPT, attempt)
                if job.func_name == EARLIER_WORK:
                    job.func_name = WORK
                job.perform = partial(_run, job, attempt)  # type: ignore[method-assign]
                try:
                    return bool(super().perform_job(job, queue, *execution))
                finally:
                    self.attempt = None

    def _commit(self, job: Job, noted: Any, *args: Any, **named: Any) -> None:
        # A failure here must not count as the job's.
        with redis_may_fail(f"job {job.id}: RQ could not note its end"):
            noted(*args, **named)

    def _drop(self, job: Job, queue: Queue, *execution: Any) -> None:
        log.info("job %s is not run: it is over, runs elsewhere, or is unknown", job.id)
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline, *execution)
            # Otherwise it would seem to be on its way for as long as one may be.
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.execute()


def _run(job: Job, attempt: Attempt) -> Any:
    # A failure is recorded before RQ does anything more in Redis.
    return attempt.run(partial(_within_limit, job, attempt.shared))


def _within_limit(job: Job, shared: SharedState) -> Any:
    shared.start_limit(job.timeout or 0)
    process = os.getpid()
    try:
        return Job.perform(job)
    except JobTimeoutException as error:
        said = f"Timed out after {job.timeout} s."
        raise TimedOut(said).with_traceback(error.__traceback__) from None
    finally:
        exit_if_forked(process)
        shared.clear_limit()
        if hasattr(signal, "alarm"):
            signal.alarm(0)


def _nothing(*_: Any) -> None:
    """What RQ notes of a job without callbacks."""


def _record_of(store: Writer, job: Job) -> Record | None:
    with suppress(UnknownJob):
        record = store.job(job.id)
        if record.external:
            return None
        # A retry just after the failure is faster than the work-horse, which then replaces the new
        # attempt in RQ with the old one. So a queued record runs, whichever attempt RQ names; an
        # attempt that is not due yet does not.
        if record.attempt == job.args[1] or record.status == Status.QUEUED:
            return record
    return None
