"""The recorder: what it does at each of RQ's hooks while a worker of any class runs a job.

A method here stands around the worker's method of the same name, which it gets as `original`. RQ
passes some arguments by position and some by name, and its versions differ in the last ones (RQ 2.0
to 3.0). They go on as they came: other wrappers of these methods look for some by their names.

hook                     where it runs             what is recorded
register_birth           worker                    nothing; what writes is started
execute_job              worker                    a work-horse that left well before its job did
prepare_execution        worker                    nothing; RQ 3 wants its execution back
fork_work_horse          worker                    nothing; what records is told what comes
handle_work_horse_killed worker                    what the work-horse died of
perform_job              work-horse                the start, reports, log and files
handle_execution_ended   work-horse                nothing; callbacks have a limit of their own
handle_exception         work-horse                what was raised
handle_job_success, handle_job_retry
                         work-horse                the end, after RQ has committed it
handle_job_failure       both                      the same; in the worker, of one that died
register_death           worker                    nothing; the worker ends when all is recorded
"""

from __future__ import annotations

import inspect
import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import redis
import rq
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.timeouts import JobTimeoutException
from rq.worker import BaseWorker

from headway.broker.connection import spare_lookups
from headway.broker.job_meta import meta_reported
from headway.errors import StoreUnavailable
from headway.external import is_external, new_external
from headway.model.record import Failure, as_time
from headway.settings import Settings
from headway.store import open_writer
from headway.workhorse.external_run import ExternalRun
from headway.workhorse.failures import failure_of, failure_said
from headway.workhorse.forked_child import exit_if_forked
from headway.workhorse.recording_process import RecordingProcess
from headway.workhorse.run_writer import RunWriter
from headway.workhorse.shared_state import SharedState
from headway.workhorse.work_horse_exit import WorkHorseExit, out_of_memory_kills

ASKED_AGAIN = "The job asked to be run again"
# RQ 3 hands its execution to the hooks; before, the worker holds it.
HANDS_EXECUTION = "execution" in inspect.signature(BaseWorker.handle_job_failure).parameters

log = logging.getLogger(__name__)


class Recorder:
    """Records what one worker does to applications' jobs; kinds of ours pass untouched."""

    def __init__(
        self,
        worker: Any,
        settings: Settings,
        *,
        redis_url: str | None = None,
        heartbeat: Callable[[], None] | None = None,
    ) -> None:
        """`heartbeat` says that a job's worker lives, where the worker has one of its own."""
        self._worker = worker
        self._settings = settings
        self._redis_url = redis_url or settings.redis_url
        self._heartbeat = heartbeat
        self.process = RecordingProcess(self._run_writer)
        self._run: ExternalRun | None = None
        # Of the work-horse that is about to be forked.
        self._next: ExternalRun | None = None
        self._execution: Any = None
        # Before the job that runs.
        self.kills_before = 0
        # What a work-horse and a worker that does not watch it share.
        self._forked: SharedState | None = None
        # What is known of work-horses that died, by their job's id.
        self._deaths: dict[str, Failure] = {}
        # What a worker that watches its work-horse shares with it.
        self.shared: SharedState | None = None

    def register_birth(self, original: Callable[[], None]) -> None:
        """Start what writes, which makes the store ready."""
        self.process.start()
        original()

    def register_death(self, original: Callable[[], None]) -> None:
        """The worker ends when all is recorded."""
        self.process.close()
        original()

    def prepare_execution(self, original: Callable[..., Any], job: Job) -> Any:
        """Remember RQ's note that a job begins."""
        self._execution = original(job)
        return self._execution

    def execute_job(self, original: Callable[..., None], job: Job, queue: Queue) -> None:
        """Run a job to its end, which is also an end where its process left without one."""
        forks = not isinstance(self._worker, rq.SimpleWorker)
        self.kills_before = out_of_memory_kills() if forks else 0
        self.process.start()
        original(job, queue)
        is_recorded = self._forked is not None and self._forked.finished
        if is_external(job) and not is_recorded and forks:
            self._end_what_left(job, queue)

    def fork_work_horse(self, original: Callable[..., None], job: Job, queue: Queue) -> None:
        """Fork; what can be done before is done before."""
        spare_lookups(self._worker.connection)
        if not is_external(job):
            return original(job, queue)
        self._forked = self.shared or SharedState.create(watched=False)
        self._next = ExternalRun(self._settings, self.process, job, self._forked)
        self._next.announce()
        try:
            original(job, queue)
        finally:
            self._next.let_go()
            self._next = None

    def handle_work_horse_killed(
        self, original: Callable[..., None], job: Job, retpid: Any, ret_val: Any, rusage: Any
    ) -> None:
        """Note what a work-horse died of; RQ fails its job next."""
        self.note_death(
            job.id,
            WorkHorseExit(
                status=_wait_status(self._worker, retpid, ret_val or 0),
                peak_memory_bytes=rusage.ru_maxrss * 1024 if rusage else None,
                out_of_memory=out_of_memory_kills() > self.kills_before,
                # RQ itself ends what goes on a minute after its time limit, and waits no more.
                overtime_seconds=int(job.timeout or 0) if ret_val is None else None,
            ),
        )
        original(job, retpid, ret_val, rusage)

    def note_death(self, job_id: str, end: WorkHorseExit) -> None:
        """Keep how a work-horse ended until RQ ends its job; what is noted first stays."""
        self._deaths.setdefault(job_id, end.failure())

    def perform_job(
        self, original: Callable[..., bool], job: Job, *rest: Any, **named: Any
    ) -> bool:
        """Run a job, recorded if that can be."""
        if self._run is not None or not is_external(job):
            return original(job, *rest, **named)
        run = self._next or ExternalRun(
            self._settings, self.process, job, self.shared or SharedState()
        )
        with run, meta_reported(job.id):
            self._run = run
            try:
                return original(job, *rest, **named)
            finally:
                self._run = None

    def handle_execution_ended(
        self, original: Callable[..., None], job: Job, queue: Queue, heartbeat_ttl: int
    ) -> None:
        """The function is over; its callback, if it has one, runs for `heartbeat_ttl` seconds."""
        if self._run is not None:
            exit_if_forked(self._run.pid)
            self._run.shared.start_limit(heartbeat_ttl)
            self._run.note_end(sys.exception())
        original(job, queue, heartbeat_ttl)

    def handle_exception(self, original: Callable[..., None], job: Job, *exc_info: Any) -> None:
        """Keep what was raised outside of the function."""
        if self._run is not None:
            self._run.note_end(exc_info[1])
        original(job, *exc_info)

    def handle_job_success(
        self, original: Callable[..., None], job: Job, *rest: Any, **named: Any
    ) -> None:
        """RQ commits a good end."""
        if self._run is None:
            return original(job, *rest, **named)
        self._run.begin_to_end()
        original(job, *rest, **named)
        return self._run.finish()

    def handle_job_retry(
        self, original: Callable[..., None], job: Job, *rest: Any, **named: Any
    ) -> None:
        """RQ commits what becomes of a job that returned a Retry."""
        if self._run is None:
            return original(job, *rest, **named)
        queue = _queue_in(rest, named)
        self._run.begin_to_end()
        if self._is_to_stop(job):
            self._fail(job, queue, "Stopped, though it asked to be run again.")
            return None
        original(job, *rest, **named)
        status = job.get_status(refresh=False)
        said = f"{ASKED_AGAIN}{', and was as often as it may' * (status == JobStatus.FAILED)}."
        return self._follow(job, queue, status, Failure("Retry", said))

    def handle_job_failure(
        self, original: Callable[..., None], job: Job, *rest: Any, **named: Any
    ) -> None:
        """RQ commits a bad end, or that it runs the job again."""
        if self._run is not None:
            self._run.begin_to_end()
            self._is_to_stop(job)
        original(job, *rest, **named)
        if is_external(job):
            failure = self._failure_of(job, str(named.get("exc_string", "")))
            self._follow(job, _queue_in(rest, named), job.get_status(refresh=False), failure)

    def _run_writer(self) -> RunWriter:
        return RunWriter(
            self._settings,
            self._redis_url,
            self._worker.name,
            worker_pid=self._worker.pid,
            queues=",".join(self._worker.queue_names()),
            heartbeat=self._heartbeat,
        )

    def _is_to_stop(self, job: Job) -> bool:
        # A stop that was asked for just before: RQ has to say the same, and not run it again.
        with suppress(StoreUnavailable), open_writer(self._settings) as store:
            if store.stop_asked_by(job.id) is not None:
                self._worker._stopped_job_id = job.id
                return True
        return False

    def _end_what_left(self, job: Job, queue: Queue) -> None:
        with suppress(redis.RedisError, InvalidJobOperation, NoSuchJobError):
            status, worker = self._worker.connection.hmget(job.key, "status", "worker_name")
            if (status, worker) != (JobStatus.STARTED.value.encode(), self._worker.name.encode()):
                return
            self.note_death(job.id, WorkHorseExit(0, None))
            said = self._deaths[job.id].message
            self._fail(job, queue, said)

    def _fail(self, job: Job, queue: Queue, said: str) -> None:
        execution = {"execution": self._execution} if HANDS_EXECUTION else {}
        self._worker.handle_job_failure(job=job, queue=queue, exc_string=said, **execution)

    def _failure_of(self, job: Job, said: str) -> Failure:
        death = self._deaths.pop(job.id, None)
        raised = self._run.exception if self._run is not None else None
        if isinstance(raised, JobTimeoutException):
            timed_out = f"Timed out after {job.timeout} s."
            return replace(failure_of(raised), type="TimedOut", message=timed_out)
        if raised is None:
            return death or failure_said(said)
        failure = failure_of(raised)
        if self._run is not None and self._run.has_returned:
            returned = "The function returned, then the job's callback failed"
            return replace(failure, message=f"{returned}: {failure.message}")
        return failure

    def _follow(self, job: Job, queue: Queue, status: JobStatus | None, failure: Failure) -> None:
        due = _due(job, queue, status)
        said = None if status is None else str(JobStatus(status).value)
        if self._run is not None:
            self._run.fail(said, failure, due)
        else:
            self.process.call("died", new_external(job), said, failure, due)


def _queue_in(rest: tuple[Any, ...], named: dict[str, Any]) -> Queue:
    found: Queue = named["queue"] if "queue" in named else rest[0]
    return found


def _wait_status(worker: Any, pid: Any, said: int) -> int:
    """How a process ended, as `os.wait` has it; a worker that used subprocess says it otherwise."""
    started = (each for each in vars(worker).values() if isinstance(each, subprocess.Popen))
    if all(each.pid != pid for each in started):
        return said
    return -said if said < 0 else said << 8


def _due(job: Job, queue: Queue, status: JobStatus | None) -> str | None:
    """When RQ runs a job that it has scheduled; None for one that does not wait for a time."""
    if status == JobStatus.SCHEDULED:
        with suppress(redis.RedisError, NoSuchJobError):
            return as_time(queue.scheduled_job_registry.get_scheduled_time(job).timestamp())
    return None
