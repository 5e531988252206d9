"""The workers: RQ's, with recording; and what a worker does when its work-horse died.

The work-horse records its own end while it lives; its parent does when it died.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import redis
from rq import SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.timeouts import HorseMonitorTimeoutException, TimerDeathPenalty

from headway import processes
from headway.remains import Remains
from headway.worker.control_group import out_of_memory_kills
from headway.worker.death import HorseExit, die_with_parent
from headway.worker.from_outside import FromOutside, new_fate
from headway.worker.recording import Recording

# A wait status: exit code 1.
LEFT_WITHOUT_A_WORD = 1 << 8

log = logging.getLogger(__name__)


class RecordingWorker(FromOutside):
    """A worker that forks a work-horse for each job."""

    _look: Callable[[], None]
    _kills_before = 0
    _remains: Remains | None = None

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job in a work-horse."""
        self._running = job
        self._fate = new_fate(job)
        self._death = HorseExit(0, None)
        self._stop_came_late = False
        self._kills_before = out_of_memory_kills()
        self._remains = self._remains or Remains()
        self._remains.begin()
        try:
            super().execute_job(job, queue)
        finally:
            self._running = self._fate = None

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Say that this worker lives, and let go of what ended that jobs have left behind."""
        if self._remains is not None and not self.is_horse:
            self._remains.reap(self.horse_pid, _scheduler_of(self))
        super().heartbeat(timeout, pipeline)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The work-horse: never outlives its worker."""
        die_with_parent(self.pid or 0)
        super().main_work_horse(job, queue)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """While a job runs. Redis being away must not end the worker, nor by that its job."""
        self.lease.renew()
        self._end_if_needed(job)
        try:
            super().maintain_heartbeats(job, execution)
        except redis.RedisError as error:
            log.warning("RQ's heartbeat failed, the job goes on: %s", error)

    def wait_for_horse(self) -> tuple[int | None, int | None, Any]:
        """Wait for the work-horse; one that died without a word gets its end recorded."""
        self._until_over()
        pid, status, usage = super().wait_for_horse()
        # Also one that ended as if all were well: a library may have called os._exit.
        if pid and status is not None and self._running is not None:
            self._end_remains(pid, status)
            if self._bury(self._running, status, usage):
                # RQ takes an exit code of 0 for a job that has told its end.
                status = status or LEFT_WITHOUT_A_WORD
        return pid, status, usage

    def monitor_work_horse(self, job: Job, queue: Queue, execution: Execution) -> None:
        """Wait for the job's end, whatever Redis does meanwhile."""
        self._look = partial(self.maintain_heartbeats, job, execution)
        try:
            while self.horse_pid:
                try:
                    super().monitor_work_horse(job, queue, execution)
                except redis.RedisError as error:
                    # While the horse runs its pid stands, and we go on waiting for it.
                    log.warning("job %s: RQ could not be told of its end: %s", job.id, error)
            if self._stop_came_late:
                self._cancel_next(job)
        finally:
            # Else a later death of the same job would be taken for this stop (RQ 3.0).
            self._stopped_job_id = None

    def _end_remains(self, pid: int, status: int) -> None:
        # What the job started goes with it, lest it works on beside the next attempt; RQ leaves it
        # running. What a job leaves behind that did well, it leaves on purpose.
        if status or self._fate is None or not self._fate.finished:
            processes.end_group(pid)
            if self._remains is not None:
                self._remains.end()

    def _bury(self, job: Job, status: int, usage: Any) -> bool:
        death = replace(
            self._death,
            status=status,
            speechless=self._death.speechless or (self._fate is not None and self._fate.speechless),
            peak_memory_bytes=usage.ru_maxrss * 1024 if usage else None,
            out_of_memory=out_of_memory_kills() > self._kills_before,
        )
        return self.lease.bury(job.id, death)

    def _until_over(self) -> None:
        # RQ has an alarm raise an exception out of each wait, for its look around. Between the
        # reaping of the horse and the recording of its end that would lose what it died of, and
        # with that the end itself. So the horse is not reaped before the alarm is off. And the
        # look is ours: RQ's ends a job by the time of day, which jumps when a machine wakes up.
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


class RecordingSimpleWorker(Recording, SimpleWorker):
    """A worker without a fork, for systems that have none; it cannot stop a running job.

    Its lease is renewed by the running job's reporter.
    """

    if not hasattr(signal, "SIGALRM"):
        death_penalty_class = TimerDeathPenalty

    def kill_horse(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """There is none: the job goes on, and what RQ has noted for its end would be wrong."""
        self._stopped_job_id = None


def _scheduler_of(worker: RecordingWorker) -> int:
    process = getattr(worker.scheduler, "_process", None)
    return getattr(process, "pid", None) or 0


WORKER_CLASS: type[RecordingWorker | RecordingSimpleWorker] = (
    RecordingWorker if hasattr(os, "fork") else RecordingSimpleWorker
)
