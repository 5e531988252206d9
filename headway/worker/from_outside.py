"""From outside: how a worker ends its work-horse, for whom or for what, and when it does not.

A work-horse that tells its end is not ended any more; see `Fate`.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import redis
from rq import Worker
from rq.command import parse_payload
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.queue import Queue

from headway.model.record import Record, Status
from headway.worker.death import HorseExit
from headway.worker.recording import Recording
from headway.workhorse.fate import Fate
from headway.workhorse.recorded_job import RecordedJob

# A job that goes on for this long, in seconds, after its time limit is ended from outside.
OVERTIME_SECONDS = 3
# So is one that cannot tell its end, while its worker can write for this long, in seconds.
SPEECHLESS_SECONDS = 20
# RQ's commands that end a work-horse, and whose doing it is then; a record that somebody asked to
# stop knows better.
STOPS = {"stop-job": "RQ's stop command", "stop-execution": "RQ's stop command"}
KILLS = {"kill-horse": "RQ's kill-horse command"}

log = logging.getLogger(__name__)


class FromOutside(Recording, Worker):
    """What a worker does to a work-horse that runs."""

    _running: Job | None = None
    _fate: Fate | None = None
    _death = HorseExit(0, None)
    # The command that is obeyed just now, in the thread that hears them.
    _command: str | None = None
    _stop_came_late = False

    def handle_payload(self, message: Any) -> None:
        """One of RQ's commands; what it ends is told as what it was."""
        self._command = str(parse_payload(message).get("command"))
        try:
            super().handle_payload(message)  # type: ignore[no-untyped-call]  # untyped in RQ
        finally:
            self._command = None

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """End the work-horse. A command that comes while it tells its end is too late for that."""
        if self._command in STOPS | KILLS and not self._obeys(str(self._command)):
            return
        if self.horse_pid:  # else it is about to be forked
            self._kill(sig)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork; a stop may have come before."""
        super().fork_work_horse(job, queue)
        if self._fate is not None and self._fate.ended_from_outside:
            self._kill()

    def _obeys(self, command: str) -> bool:
        if self._fate is not None and self._fate.end_from_outside():
            self._death = replace(
                self._death, stopped_by=STOPS.get(command), killed_by=KILLS.get(command)
            )
            return True
        log.info("%s came too late: the job is over, and about to say how it ended", command)
        if command in STOPS:
            # RQ has noted this already, for whatever might end the work-horse from now on.
            self._stopped_job_id = None
            self._stop_came_late = self._fate is not None
        return False

    def _kill(self, sig: signal.Signals = signal.SIGKILL) -> None:
        with suppress(ProcessLookupError):
            group = os.getpgid(self.horse_pid)
            if group == os.getpgrp():  # it was forked just now, and is still in ours
                os.kill(self.horse_pid, sig)
            else:
                os.killpg(group, sig)

    def _end_if_needed(self, job: Job) -> None:
        fate, record = self._fate, self.lease.record_of(job.id)
        if fate is None or record is None:
            return
        # Read after the record: what runs still has not told its end itself.
        runs = bool(fate.limit)
        if runs and time.monotonic() > fate.limit + OVERTIME_SECONDS:
            # RQ's time limit is an exception, which a job may swallow.
            self._end(replace(self._death, overtime_seconds=int(job.timeout or 0)))
        elif self._has_to_stop(record, runs=runs):
            if fate.end_from_outside():
                self._stopped_job_id = job.id
                self._kill()
        elif self._is_speechless(record, fate):
            self._end(replace(self._death, speechless=True))

    def _end(self, death: HorseExit) -> None:
        self._death = death
        self._kill()

    def _has_to_stop(self, record: Record, *, runs: bool) -> bool:
        if self._is_ours(record):
            return record.stop_by is not None
        # It was given up, and given to another perhaps, while this worker was frozen on a machine
        # where nobody could end it. What does not run any more is about to tell RQ how it ended.
        return runs

    def _is_speechless(self, record: Record, fate: Fate) -> bool:
        since = fate.telling_since
        return (
            bool(since)
            and self._is_ours(record)
            and self.lease.was_heard_for(SPEECHLESS_SECONDS, since=since)
        )

    def _is_ours(self, record: Record) -> bool:
        return record.status == Status.STARTED and record.worker == self.name

    def _cancel_next(self, job: Job) -> None:
        # Its end was told already when RQ's stop command came; it has no next attempt then.
        if self.lease.cancel(job.id, STOPS["stop-job"]):
            with suppress(redis.RedisError, InvalidJobOperation, NoSuchJobError):
                job.refresh()  # type: ignore[no-untyped-call]  # untyped in RQ
                job.cancel()


def new_fate(job: Job) -> Fate | None:
    """Before the fork: what the worker shares with the work-horse of this job."""
    if isinstance(job, RecordedJob):
        job.fate = Fate()
        return job.fate
    return None
