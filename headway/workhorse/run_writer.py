"""The record of an application's running job: the part of recording that writes to the store.

It hears from the process that runs the job, see external_run.py, and is called from one thread. RQ
decides what becomes of such a job; what RQ has committed is recorded after it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from headway import processes
from headway.broker import queues
from headway.broker.changes import Publisher
from headway.broker.connection import connected
from headway.broker.redis_troubles import redis_may_fail
from headway.errors import StoreUnavailable, UnknownJob
from headway.external import known_record, shown_arguments
from headway.model.record import Failure, JsonDict, Record, Status
from headway.processes import Process
from headway.progress import COMPLETE, Report
from headway.retry_policy import cancel, follow_rq
from headway.settings import Settings
from headway.store import Writer, ensure_schema
from headway.workhorse.claim import claim
from headway.workhorse.heartbeat import Heartbeat
from headway.workhorse.log_lines import SaidLine
from headway.workhorse.reporter import LOGGED, Reporter
from headway.workhorse.whole_jobs import Message, first_of

# How long, in milliseconds, a write waits for another process' one. It is tried again, and what the
# job writes is read meanwhile.
BUSY_MILLISECONDS = 250
# Seconds between two heartbeats of a worker of RQ's own.
HEARTBEAT_SECONDS = 3.0
RUN_AGAIN = Failure("RunAgain", "RQ runs this job again; how this attempt ended was never said.")

log = logging.getLogger(__name__)


class RunWriter:
    """Records the jobs that one worker runs, one at a time; it opens the store when it has to."""

    def __init__(
        self,
        settings: Settings,
        redis_url: str,
        worker: str,
        *,
        worker_pid: int | None = None,
        queues: str = "",
        heartbeat: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._redis_url = redis_url
        self._worker = worker
        self._beating: Heartbeat | None = None
        if heartbeat is None:  # one of RQ's own workers has none in the store
            process = _process_of(worker_pid or os.getpid())
            self._beating = Heartbeat(
                settings, worker, queues, renewal_seconds=HEARTBEAT_SECONDS, process=process
            )
            heartbeat = self._beating.renew
        self._heartbeat = heartbeat
        self._publisher = Publisher(redis_url)
        self._writer: Writer | None = None
        self._report = Report()
        self._reporter: Reporter | None = None
        self._process: Process | None = None
        self._trouble = ""
        # The first of the jobs that were last recorded together, or were about to be.
        self._tried: tuple[str, str] | None = None

    def prepare(self) -> None:
        """Make the store ready, and open it. Raises StoreUnavailable, as all the others."""
        self._store()
        if self._beating is not None:
            self._beating.renew()

    def together(self, messages: Sequence[Message]) -> None:
        """Record whole jobs, as `whole_jobs` finds them, at once.

        It may be called again with the same after StoreUnavailable, which may come too late.
        """
        store, first = self._store(), first_of(messages)
        try:
            if first == self._tried and _has_ended(store, *first):
                return
            self._tried = first
            with store.together():
                for name, arguments in messages:
                    getattr(self, name)(*arguments)
        finally:
            self._leave()

    def begin(self, asked: Record, arguments: str | JsonDict, pid: int) -> None:
        """RQ runs a job in a process of this machine: its record becomes started."""
        self._leave()
        store = self._store()
        record = known_record(store, replace(asked, params=shown_arguments(arguments)))
        process = _process_of(pid)
        if record is None:
            log.warning("job %s has the id of one of Headway's: it is not recorded", asked.id)
            return
        if record.status == Status.STARTED and record.recorded:
            # RQ runs it, so what ran it before is gone, or works for an attempt that is over.
            again = frozenset({Status.STARTED})
            record = store.next_attempt(record, again, failure=RUN_AGAIN) or record
        claimed = claim(store, record, self._worker, process, patience_seconds=0)
        if claimed is None:
            log.warning("job %s is not recorded: its record is %s", record.id, record.status)
            return
        self._process = process
        self._reporter = Reporter(
            self._settings,
            store,
            claimed,
            self._report,
            heartbeat=self._heartbeat,
            flushes=False,
        )
        self._reporter.begin()
        if claimed.attempt > 1:
            self._reporter.log(f"Attempt {claimed.attempt} begins.")

    def report(self, fields: dict[str, Any]) -> None:
        """What the author's report holds, by its attributes."""
        vars(self._report).update(fields)
        self._report(self._report.progress)

    def follow(self, job_id: str, attempt: int, pid: int) -> None:
        """A job of our kinds runs, and records itself; what is written here is its log."""
        self._leave()
        store = self._store()
        with suppress(UnknownJob):
            record = store.job(job_id)
            if (record.status, record.attempt) == (Status.STARTED, attempt):
                self._process = _process_of(pid)
                self._reporter = Reporter(
                    self._settings,
                    store,
                    record,
                    self._report,
                    heartbeat=_nothing,
                    flushes=False,
                    fields=LOGGED,
                )
                self._reporter.begin()

    def log(self, lines: list[SaidLine], begun: list[SaidLine] | None = None) -> None:
        """Lines for the job's log; and of those that have `begun`, all, if any changed."""
        if self._reporter is not None:
            self._reporter.hear(lines, begun)

    def settle(self, _: int) -> None:
        """A job of our kinds is about to record its end, or has died: write all of its log."""
        if self._reporter is not None:
            self._reporter.write_out()
        self._leave()

    def attach(self, name: str, path: str) -> None:
        """A file that the job leaves; `path` is a copy of it, which is removed."""
        try:
            if self._reporter is not None:
                self._reporter.attach(name, Path(path))
        finally:
            Path(path).unlink(missing_ok=True)

    def finish(self, result: str, said: str, ended_at: str, peak_memory_bytes: int | None) -> None:
        """RQ has the job as finished, with a result in JSON; `said` describes one that has none."""
        if self._reporter is None:
            return
        newest = self._reporter.newest()
        last = replace(
            newest,
            status=Status.FINISHED,
            progress=COMPLETE,
            result=json.loads(result),
            message=said or newest.message,
            ended_at=ended_at,
            eta_seconds=None,
        )
        self._reporter.save_final(last, peak_memory_bytes)
        self._leave()

    def fail(
        self,
        status: str | None,
        failure: Failure,
        run_at: str | None,
        ended_at: str,
        peak_memory_bytes: int | None,
    ) -> None:
        """RQ has it as failed or stopped, or runs it again, at `run_at` or at once."""
        if self._reporter is None:
            return
        if status not in {Status.FAILED, Status.STOPPED}:
            attempt = self._reporter.record.attempt
            self._reporter.log(f"Attempt {attempt} failed: {failure.message}")
        self._reporter.write_out()
        record = replace(self._reporter.newest(), ended_at=ended_at, eta_seconds=None)
        self._follow(record, status, failure, run_at, peak_memory_bytes)
        self._leave()

    def died(self, asked: Record, status: str | None, failure: Failure, run_at: str | None) -> None:
        """The process of a job is gone, and RQ has ended the job, or runs it again."""
        if self._reporter is not None and self._reporter.record.id == asked.id:
            with suppress(StoreUnavailable):
                self._reporter.write_out()
        self._leave()
        store = self._store()
        record = known_record(store, asked)
        if record is not None and record.worker in (None, self._worker):
            self._follow(record, status, failure, run_at)

    def cancel(self, job_id: str, by: str) -> None:
        """RQ has a job that waited as canceled."""
        store = self._store()
        with suppress(UnknownJob):
            cancel(store, store.job(job_id), by)

    def tick(self) -> None:
        """Write what the throttle held back, say that worker and job live; call it often."""
        if self._beating is not None and self._writer is not None:
            self._beating.renew()
        process = self._process
        if self._reporter is None or process is None:
            return
        if not processes.is_gone(process.pid, process.start_time):
            self._reporter.tick()
        elif self._report.dirty:
            self._reporter.write()  # its last words; that it lives is not said any more

    def close(self) -> None:
        """Let go of everything; may be called twice."""
        if self._reporter is not None:
            with suppress(StoreUnavailable):
                self._reporter.write_out()  # the last words of a job that was killed
        self._leave()
        if self._beating is not None:
            self._beating.end()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._publisher.close()

    def _follow(
        self,
        record: Record,
        status: str | None,
        failure: Failure,
        run_at: str | None,
        peak_memory_bytes: int | None = None,
    ) -> None:
        following = follow_rq(
            self._store(),
            record,
            status,
            failure,
            run_at=run_at,
            peak_memory_bytes=peak_memory_bytes,
        )
        if following and following.status == Status.STOPPED and status != Status.STOPPED:
            # A retry was requested in the meantime, and RQ is about to run it again.
            with (
                redis_may_fail(f"job {record.id}: RQ may run it again"),
                connected(self._redis_url) as redis,
            ):
                queues.stop_waiting(redis, record)

    def _leave(self) -> None:
        if self._reporter is not None:
            self._reporter.end()
            self._reporter = None

    def _store(self) -> Writer:
        if self._writer is None:
            ensure_schema(self._settings)
            self._writer = Writer(
                self._settings,
                busy_milliseconds=BUSY_MILLISECONDS,
                on_commit=self._publisher.publish,
            )
        return self._writer


def _nothing() -> None:
    """The heartbeat of a job that has one of its own."""


def _has_ended(store: Writer, job_id: str, ended_at: str) -> bool:
    with suppress(UnknownJob):
        record = store.job(job_id)
        return record.status == Status.FINISHED and record.ended_at == ended_at
    return False


def _process_of(pid: int) -> Process:
    return Process(processes.HOST, pid, processes.start_time_of(pid))
