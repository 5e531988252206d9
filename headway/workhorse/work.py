"""A work-horse: RQ's hooks and RQ's job in the process that runs the author's function.

RQ moves the jobs. What happens to them is recorded here, for our kinds and for any plain RQ
function alike.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import signal
import sys
import traceback
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

from rq import Retry, get_current_job
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.timeouts import JobTimeoutException
from rq.utils import now as utc_now
from rq.worker import BaseWorker

from headway.broker.queues import EARLIER_WORK
from headway.broker.troubles import redis_may_fail
from headway.errors import UnknownJob
from headway.external import external_record, is_external
from headway.kinds.registry import find
from headway.model.record import Record, Status
from headway.patience import retry_until_available
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse.attempt import Attempt, Failed, claim, opened_store
from headway.workhorse.failures import failure_of
from headway.workhorse.shared_state import SharedState

log = logging.getLogger(__name__)


def work(job_id: str, attempt: int) -> Any:
    """What RQ runs for our kinds: the kind's function, with the parameters in the job's record.

    Raises whatever the function raises, UnknownKind, BadParameters; RuntimeError in a worker
    that is not Headway's.
    """
    running = getattr(get_current_job(), "attempt", None)
    if running is None:
        raise RuntimeError(f"Attempt {attempt} of job {job_id} needs a worker of Headway's.")
    # Not read again: the store may be away now, and the job can do without it.
    record = running.record
    outcome = find(record.kind).call(record.params, record.arguments)
    return asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome


class TimedOut(JobTimeoutException):
    """The job took longer than it may."""


class RecordedJob(Job):
    """RQ's job; its function runs inside of an attempt and within its time limit."""

    attempt: Attempt | None = None
    # None where worker and work-horse are one process.
    shared: SharedState | None = None

    @property
    def func(self) -> Any:
        """What RQ runs, also under the name that an earlier Headway gave it."""
        return work if self.func_name == EARLIER_WORK else super().func

    def perform(self) -> Any:
        """Run the function; a failure is recorded before RQ does anything more in Redis."""
        if self.attempt is None:
            return super().perform()
        within_limit = partial(self._within_limit, self.attempt.shared)
        return self.attempt.run(within_limit, retries=self._retries)

    def _retries(self, asked: Retry | None = None) -> bool:
        # Whether RQ itself runs this job again: after a failure, or because it `asked` for that.
        if asked is None:
            return bool(self.should_retry)
        return not self.number_of_retries or self.number_of_retries < asked.max

    def _within_limit(self, shared: SharedState) -> Any:
        shared.start_limit(self.timeout or 0)
        process = os.getpid()
        try:
            return super().perform()
        except JobTimeoutException as error:
            said = f"Timed out after {self.timeout} s."
            raise TimedOut(said).with_traceback(error.__traceback__) from None
        finally:
            if os.getpid() != process:
                _exit_as_a_child()
            shared.clear_limit()
            if hasattr(signal, "alarm"):
                signal.alarm(0)


class WorkHorse(BaseWorker):
    """The hooks of RQ's that run in the work-horse: how the job goes is in its record first.

    RQ's own marks in Redis come second; where Redis is away, the job goes on without them.
    """

    job_class = RecordedJob
    settings: Settings

    def renew_lease(self) -> None:
        """Say in the store that the worker lives; called while a job runs."""
        raise NotImplementedError

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Claim the job and run it; drop it if it cannot be claimed."""
        assert isinstance(job, RecordedJob)
        with (
            redis_may_fail(f"job {job.id}: RQ could not note its end"),
            opened_store(self.settings) as store,
        ):
            record = retry_until_available(lambda: _record_of(store, job))
            claimed = claim(store, record, self.name) if record is not None else None
            if claimed is None:
                self._drop(job, queue, execution)
                return True
            with Attempt(
                self.settings, store, claimed, heartbeat=self.renew_lease, shared=job.shared
            ) as job.attempt:
                return bool(super().perform_job(job, queue, execution))
        return False

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """RQ's marks on a job that begins."""
        with redis_may_fail(f"job {job.id}: RQ could not note its start"):
            super().prepare_job_execution(job, remove_from_intermediate_queue)

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """The function is over; its callback, if it has one, runs for `heartbeat_ttl` seconds."""
        if (attempt := _attempt_of(job)) is not None:
            attempt.shared.start_limit(heartbeat_ttl)
        if not (job._success_callback_name or job._failure_callback_name):
            # RQ would write to Redis how long the callback may take. A Redis that is frozen would
            # delay the end in the record, which comes after this.
            job.ended_at = utc_now()
            return
        with redis_may_fail(f"job {job.id}: RQ could not note that it is over"):
            super().handle_execution_ended(job, queue, heartbeat_ttl)

    def handle_job_success(
        self, job: Job, queue: Queue, started_job_registry: Any, execution: Execution
    ) -> None:
        """The end of a job whose callback did well too: in its record, then in Redis."""
        if (attempt := _attempt_of(job)) is not None:
            attempt.finish()
        # A failure here must not count as the job's; what RQ keeps in Redis is put right later.
        with redis_may_fail(f"job {job.id}: RQ could not note its end"):
            super().handle_job_success(job, queue, started_job_registry, execution)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A failure outside of the function, as in a callback, is recorded too."""
        if (attempt := _attempt_of(job)) is not None:
            attempt.end(Failed(failure_of(exc_info[1]), rq_will=bool(job.should_retry)))
        super().handle_exception(job, *exc_info)

    def handle_job_retry(
        self,
        job: Job,
        queue: Queue,
        retry: Retry,
        started_job_registry: Any,
        execution: Execution,
    ) -> None:
        """RQ's next run of a job that returned a Retry; none if it was asked to stop."""
        if _is_stopped(job):
            said = "Stopped, though it asked to be run again."
            self.handle_job_failure(job, queue, started_job_registry, said, execution)
        else:
            super().handle_job_retry(job, queue, retry, started_job_registry, execution)

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """RQ's end of a job that did not do well: stopped where its record says so."""
        if _is_stopped(job):
            self._stopped_job_id = job.id
        super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)

    def _drop(self, job: Job, queue: Queue, execution: Execution) -> None:
        log.info("job %s is not run: it is over, runs elsewhere, or is unknown", job.id)
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline, execution)
            # Otherwise it would seem to be on its way for as long as one may be.
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.execute()


def _attempt_of(job: Job) -> Attempt | None:
    return job.attempt if isinstance(job, RecordedJob) else None


def _is_stopped(job: Job) -> bool:
    attempt = _attempt_of(job)
    return attempt is not None and attempt.stopped


def _record_of(store: Writer, job: Job) -> Record | None:
    if is_external(job):
        return external_record(store, job)
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


def _exit_as_a_child() -> NoReturn:
    # A process that the function forked returned here instead of ending. The rest, the job's end,
    # is for its parent to record.
    raised = sys.exc_info()[1]
    status = 0 if raised is None else 1
    if isinstance(raised, SystemExit):
        status = raised.code if isinstance(raised.code, int) else int(raised.code is not None)
    elif raised is not None:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status & 0xFF)
