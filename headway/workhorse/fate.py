"""Fate: what a worker and its work-horse share of a running job, and who of the two ends it.

It is memory that both see, and needs no file descriptor: a job may close all of them.
"""

from __future__ import annotations

import logging
import math
import mmap
import multiprocessing
import os
import time
from multiprocessing.synchronize import Lock
from typing import NoReturn

# How long, in seconds, a job that was ended from outside waits for the signal that ends it.
SIGNAL_SECONDS = 5.0
# Places in the shared memory.
PLACES = 4
LIMIT, TELLING_SINCE, FINISHED, SPEECHLESS = range(PLACES)
MOMENT_BYTES = 8

log = logging.getLogger(__name__)


class Fate:
    """Made before the fork. Moments are by the monotonic clock.

    That clock is one for all processes, nobody sets it, and it stands while the machine sleeps.
    """

    def __init__(self) -> None:
        self._moments = memoryview(mmap.mmap(-1, PLACES * MOMENT_BYTES)).cast("d")
        self._undecided: Lock | None = None
        try:
            self._undecided = multiprocessing.get_context("fork").Lock()
        except OSError as error:  # no shared memory for semaphores
            log.debug("who ends a job is decided without a lock: %s", error)
        # True in the worker once it has decided to end the job.
        self.ended_from_outside = False

    @property
    def limit(self) -> float:
        """When the author's code has to be over; 0 while none runs.

        A job that waits for the store to begin, or to end, has its time still or is over: that
        may take as long as it takes.
        """
        return self._moments[LIMIT]

    def allow(self, seconds: float) -> None:
        """The author's code runs, for so long at most; 0 or less is without a limit."""
        self._moments[LIMIT] = time.monotonic() + seconds if seconds > 0 else math.inf

    def disallow(self) -> None:
        """The author's code is over."""
        self._moments[LIMIT] = 0.0

    @property
    def telling_since(self) -> float:
        """Since when the work-horse tells its end; 0 before."""
        return self._moments[TELLING_SINCE]

    def tell(self) -> None:
        """In the work-horse: from here on it tells its end, and nobody stops it any more.

        If its worker has decided to end it, the signal comes while this waits.
        """
        if self._undecided is not None:
            self._undecided.acquire(timeout=SIGNAL_SECONDS)
        self._moments[TELLING_SINCE] = time.monotonic()

    def end_from_outside(self) -> bool:
        """In the worker: True when the job is to be ended, False when it tells its end itself."""
        if not self.ended_from_outside:
            free = self._undecided is None or self._undecided.acquire(block=False)
            self.ended_from_outside = free and not self.telling_since
        return self.ended_from_outside

    @property
    def finished(self) -> bool:
        """True once the job has done all it had to."""
        return bool(self._moments[FINISHED])

    def finish(self) -> None:
        """In the work-horse: the job has done all it had to."""
        self._moments[FINISHED] = 1.0

    @property
    def speechless(self) -> bool:
        """True once the work-horse has found that it cannot tell its end."""
        return bool(self._moments[SPEECHLESS])

    def leave_speechless(self) -> NoReturn:
        """In the work-horse: it cannot tell its end, so its worker does."""
        self._moments[SPEECHLESS] = 1.0
        os._exit(1)
