"""RQ's job, with its function inside of an attempt and within its time.

Worker and work-horse both have it: the one looks at how long the other may run.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Any, NoReturn

from rq import Retry
from rq.job import Job
from rq.timeouts import JobTimeoutException

from headway.broker.queues import EARLIER_WORK
from headway.workhorse.attempt import Attempt
from headway.workhorse.fate import Fate
from headway.workhorse.work import work


class TimedOut(JobTimeoutException):
    """The job took longer than it may."""


class RecordedJob(Job):
    """RQ's job; its function runs inside of an attempt."""

    attempt: Attempt | None = None
    # What work-horse and worker share; None where there is but one process.
    fate: Fate | None = None

    @property
    def func(self) -> Any:
        """What RQ runs, also under the name that an earlier Headway gave it."""
        return work if self.func_name == EARLIER_WORK else super().func

    def perform(self) -> Any:
        """Run the function; a failure is recorded before RQ does anything more in Redis."""
        if self.attempt is None:
            return super().perform()
        return self.attempt.run(self._within_time, retries=self._retries)

    def allow(self, seconds: float) -> None:
        """The author's code runs, for so long at most."""
        if self.fate is not None:
            self.fate.allow(seconds)

    def disallow(self) -> None:
        """The author's code is over; its time limit must not strike while the end is recorded."""
        if self.fate is not None:
            self.fate.disallow()

    def _retries(self, asked: Retry | None = None) -> bool:
        # Whether RQ itself runs this job again: after a failure, or because it `asked` for that.
        if asked is None:
            return bool(self.should_retry)
        return not self.number_of_retries or self.number_of_retries < asked.max

    def _within_time(self) -> Any:
        self.allow(self.timeout or 0)
        process = os.getpid()
        try:
            return super().perform()
        except JobTimeoutException as error:
            said = f"Timed out after {self.timeout} s."
            raise TimedOut(said).with_traceback(error.__traceback__) from None
        finally:
            if os.getpid() != process:
                _end_as_a_child()
            self.disallow()
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
