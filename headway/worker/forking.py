"""A worker that forks a work-horse for each job: it watches it, ends it, and records its death.

A work-horse records its own end while it lives; its worker does so when it died. One that records
its end is not ended any more: see `SharedState`.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import redis
import rq
from rq.command import parse_payload
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.timeouts import HorseMonitorTimeoutException

from headway import processes
from headway.broker import queues
from headway.broker.redis_troubles import redis_may_fail
from headway.external import is_external
from headway.model.record import Record, Status
from headway.orphans import Orphans
from headway.worker.worker import HeadwayWorker
from headway.workhorse.shared_state import SharedState
from headway.workhorse.work_horse_exit import WorkHorseExit, out_of_memory_kills

# RQ's commands that end a work-horse, and who did it then, unless the record says who asked.
STOPS = {"stop-job": "RQ's stop command", "stop-execution": "RQ's stop command"}
KILLS = {"kill-horse": "RQ's kill-horse command"}
# Life of RQ's own marks after a heartbeat, in seconds.
RQ_LEASE_SECONDS = 20
# A wait status: exit code 1.
EXITED_WITH_1 = 1 << 8

log = logging.getLogger(__name__)


class Worker(HeadwayWorker, rq.Worker):
    """A worker that forks a work-horse for each job."""

    _look: Callable[[], None]
    _running: Job | None = None
    # What is known of the end of the running work-horse so far.
    _exit = WorkHorseExit(0, None)
    _orphans: Orphans | None = None
    # The command that is obeyed just now, in the thread that listens for them.
    _command: str | None = None
    _stop_came_late = False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job in a work-horse."""
        self._running = job
        self.shared = SharedState.create()
        self._exit = WorkHorseExit(0, None)
        self._stop_came_late = False
        # Before the look at what is no child of the job's.
        self.recorder.process.start()
        self._orphans = self._orphans or Orphans()
        self._orphans.begin()
        try:
            super().execute_job(job, queue)
        finally:
            self._running = self.shared = None

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """RQ's marks on a running job live this long, in seconds; RQ's own 60 to 90 are long."""
        return RQ_LEASE_SECONDS

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork; a stop may have come before."""
        self.recorder.shared = self.shared
        self.recorder.fork_work_horse(super().fork_work_horse, job, queue)
        if self.shared is not None and self.shared.ended_by_worker:
            self._kill()

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The work-horse: never outlives its worker."""
        processes.die_with_parent(self.pid or 0)
        super().main_work_horse(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Say that this worker lives, and reap the orphans that ended."""
        if self._orphans is not None and not self.is_horse:
            scheduler = getattr(self.scheduler, "_process", None)
            scheduling = getattr(scheduler, "pid", None) or 0
            self._orphans.reap(self.horse_pid, scheduling, self.recorder.process.pid)
        super().heartbeat(timeout, pipeline)

    def maintain_heartbeats(self, job: Job, *execution: Any) -> None:
        """While a job runs: renew the lease, and end the job if it has to end."""
        self.lease.renew()
        self._end_if_needed(job)
        with redis_may_fail("RQ's heartbeat failed, the job goes on"):
            super().maintain_heartbeats(job, *execution)

    def monitor_work_horse(self, job: Job, queue: Queue, *execution: Any) -> None:
        """Wait for the job's end, even while Redis is away."""
        self._look = partial(self.maintain_heartbeats, job, *execution)
        try:
            while self.horse_pid:  # it stands while the work-horse runs
                with redis_may_fail(f"job {job.id}: RQ could not note its end"):
                    super().monitor_work_horse(job, queue, *execution)
            if self._stop_came_late:
                self._cancel_next(job)
        finally:
            # Otherwise a later death of the same job would count as this stop (RQ 3.0).
            self._stopped_job_id = None

    def wait_for_horse(self) -> tuple[int | None, int | None, Any]:
        """Wait for the work-horse; record the end of one that died before it did so itself."""
        self._wait_until_over()
        pid, status, usage = super().wait_for_horse()
        # Even if it seems to have ended well: a library may have called os._exit.
        if pid and status is not None and self._running is not None:
            self._end_orphans(pid, status)
            if self._record_death(self._running, status, usage):
                # RQ takes an exit code of 0 for a job that has recorded its end.
                status = status or EXITED_WITH_1
        return pid, status, usage

    def handle_payload(self, message: Any) -> None:
        """One of RQ's commands; a job that it ends names it."""
        self._command = str(parse_payload(message).get("command"))
        try:
            super().handle_payload(message)  # type: ignore[no-untyped-call]  # untyped in RQ
        finally:
            self._command = None

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """End the work-horse, unless a command asks for that and the job records its end now."""
        if self._command in STOPS | KILLS and not self._obeys(str(self._command)):
            return
        if self.horse_pid:  # otherwise it is about to be forked
            self._kill(sig)

    def _obeys(self, command: str) -> bool:
        if self.shared is not None and self.shared.end_by_worker():
            self._exit = replace(
                self._exit, stopped_by=STOPS.get(command), killed_by=KILLS.get(command)
            )
            return True
        log.info("%s came too late: the job is over and is about to record its end", command)
        if command in STOPS:
            # RQ has noted this already, for anything that may end the work-horse from now on.
            self._stopped_job_id = None
            self._stop_came_late = self.shared is not None
        return False

    def _kill(self, sig: signal.Signals = signal.SIGKILL) -> None:
        with suppress(ProcessLookupError):
            group = os.getpgid(self.horse_pid)
            if group == os.getpgrp():  # it was forked just now, and is still in ours
                os.kill(self.horse_pid, sig)
            else:
                os.killpg(group, sig)

    def _end_if_needed(self, job: Job) -> None:
        shared, record = self.shared, self.lease.record_of(job.id)
        if shared is None or record is None:
            return
        # Read after the record: a job that still runs has not recorded its end itself.
        runs = bool(shared.limit)
        if runs and time.monotonic() > shared.limit + self.timings.overtime:
            # RQ's time limit is an exception, which a job may swallow.
            self._end(replace(self._exit, overtime_seconds=int(job.timeout or 0)))
        elif self._has_to_stop(record, runs=runs):
            if shared.end_by_worker():
                self._stopped_job_id = job.id
                self._kill()
        elif self._is_speechless(record, shared):
            self._end(replace(self._exit, speechless=True))

    def _end(self, end: WorkHorseExit) -> None:
        self._exit = end
        self._kill()

    def _has_to_stop(self, record: Record, *, runs: bool) -> bool:
        if self._is_ours(record):
            return record.stop_by is not None
        # It was given up, and perhaps given to another worker, while this one was frozen on a
        # machine where no other could end it. A job that does not run any more is about to end by
        # itself.
        return runs

    def _is_speechless(self, record: Record, shared: SharedState) -> bool:
        since = shared.ending_since
        return (
            bool(since)
            and self._is_ours(record)
            and self.lease.could_write_for(self.timings.speechless, since=since)
        )

    def _is_ours(self, record: Record) -> bool:
        return record.status == Status.STARTED and record.worker == self.name

    def _cancel_next(self, job: Job) -> None:
        # The job recorded its end before RQ's stop command came: it has no next attempt then.
        by = STOPS["stop-job"]
        with suppress(redis.RedisError, InvalidJobOperation, NoSuchJobError):
            job.refresh()  # type: ignore[no-untyped-call]  # untyped in RQ
            if not is_external(job):
                if self.lease.cancel(job.id, by):
                    job.cancel()
                return
            record = self.lease.record_of(job.id)
            if record is not None and record.stop_by is not None:  # what records it stops it
                queues.stop_waiting(self.connection, record)
            elif job.get_status() in (JobStatus.QUEUED, JobStatus.SCHEDULED):
                job.cancel()
                self.recorder.process.call("cancel", job.id, by)

    def _end_orphans(self, pid: int, status: int) -> None:
        # What the job started ends with it, or it would work on beside the next attempt; RQ leaves
        # it running. What a job leaves behind that did well, it leaves on purpose.
        if status or self.shared is None or not self.shared.finished:
            processes.end_group(pid)
            if self._orphans is not None:
                self._orphans.end()

    def _record_death(self, job: Job, status: int, usage: Any) -> bool:
        """True when the job had not recorded its end itself."""
        end = replace(
            self._exit,
            status=status,
            speechless=self._exit.speechless
            or (self.shared is not None and self.shared.speechless),
            peak_memory_bytes=usage.ru_maxrss * 1024 if usage else None,
            out_of_memory=bool(status) and out_of_memory_kills() > self.recorder.kills_before,
        )
        if is_external(job):
            if status:
                self.recorder.note_death(job.id, end)
            return False
        self.recorder.process.settle()  # what it wrote before it died
        return self.lease.record_death(job.id, end)

    def _wait_until_over(self) -> None:
        # RQ has an alarm raise an exception out of each wait, for its look around. Between the
        # reaping of the work-horse and the recording of its end that would lose what it died of,
        # and with that the end itself. So the work-horse is not reaped before the alarm is off.
        # And the look is ours: RQ's ends a job by the time of day, which jumps when a machine
        # wakes up.
        while hasattr(os, "waitid"):  # an older macOS has none
            try:
                with suppress(ChildProcessError):
                    os.waitid(os.P_PID, self.horse_pid, os.WEXITED | os.WNOWAIT)
                signal.alarm(0)
            except HorseMonitorTimeoutException:
                self._look()
                signal.alarm(self.job_monitoring_interval)
            else:
                return
