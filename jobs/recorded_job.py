"""RQ's job, with its function inside of an attempt and within its time.

Worker and work-horse both have it: the one looks at how long the other may run.
"""

from __future__ import annotations

import math
import mmap
import os
import signal
import struct
import sys
import time
import traceback
from typing import Any, NoReturn

from rq.job import Job
from rq.timeouts import JobTimeoutException

from jobs.attempt import Attempt

# A moment by the monotonic clock, as two processes share it.
MOMENT = struct.Struct("d")


class TimedOut(JobTimeoutException):
    """The job took longer than it may."""


class RecordedJob(Job):
    """RQ's job; its function runs inside of an attempt."""

    attempt: Attempt | None = None
    # What work-horse and worker share: see `share_limit`.
    _limit: mmap.mmap | None = None

    def share_limit(self) -> None:
        """Before the fork: let the worker know of the function's time limit in the work-horse."""
        self._limit = mmap.mmap(-1, MOMENT.size)

    @property
    def limit(self) -> float:
        """When the function has to be over, by the monotonic clock; 0 while it does not run.

        That clock is one for all processes, nobody sets it, and it stands while the machine
        sleeps. A function that waits for the store to begin, or to end, has its time still or is
        over: that may take as long as it takes.
        """
        return float(MOMENT.unpack(self._limit[:])[0]) if self._limit is not None else 0.0

    @limit.setter
    def limit(self, moment: float) -> None:
        if self._limit is not None:
            self._limit[:] = MOMENT.pack(moment)

    def perform(self) -> Any:
        """Run the function and record its end, before RQ does anything more in Redis."""
        if self.attempt is None:
            return super().perform()
        return self.attempt.run(self._within_time, retries=lambda: bool(self.should_retry))

    def _within_time(self) -> Any:
        seconds = self.timeout or 0
        self.limit = time.monotonic() + seconds if seconds > 0 else math.inf
        process = os.getpid()
        try:
            return super().perform()
        except JobTimeoutException as error:
            said = f"Timed out after {self.timeout} s."
            raise TimedOut(said).with_traceback(error.__traceback__) from None
        finally:
            if os.getpid() != process:
                _end_as_a_child()
            # The time limit is for the work; it must not strike while the end is recorded.
            self.limit = 0.0
            if hasattr(signal, "alarm"):
                signal.alarm(0)


def _end_as_a_child() -> NoReturn:
    # A process that the function forked came back here instead of ending. What follows, the job's
    # end, is its parent's to tell.
    raised = sys.exc_info()[1]
    status = 0 if raised is None else 1
    if isinstance(raised, SystemExit):
        status = raised.code if isinstance(raised.code, int) else int(raised.code is not None)
    elif raised is not None:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status & 0xFF)
