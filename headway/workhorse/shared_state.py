"""What a worker and its work-horse share of a running job, and which of the two ends it.

It is anonymous memory that both map, and needs no file descriptor: a job may close all of them.
"""

from __future__ import annotations

import ctypes
import logging
import math
import mmap
import multiprocessing
import os
import time
from multiprocessing.synchronize import Lock
from typing import NoReturn, Self

# How long, in seconds, a job that its worker ends waits for the signal.
SIGNAL_SECONDS = 5.0

log = logging.getLogger(__name__)


class SharedState(ctypes.Structure):
    """Made before the fork by `create`; without a fork it is this process' own memory.

    Times are of the monotonic clock. All processes share it, it cannot be set, and it pauses
    during sleep.
    """

    _fields_ = (
        ("limit", ctypes.c_double),
        ("ending_since", ctypes.c_double),
        ("finished", ctypes.c_bool),
        ("speechless", ctypes.c_bool),
    )
    # When the author's code has to be over; 0 while none runs. A job that waits for the store to
    # start or to record its end has no limit: that may take as long as it takes.
    limit: float
    # Since when the work-horse records its end; 0 before.
    ending_since: float
    # True once the job has done all it had to.
    finished: bool
    # True once the work-horse has found that it cannot record its end.
    speechless: bool

    # True where a worker watches the work-horse from another process.
    watched = False
    # True in the worker once it has decided to end the job.
    ended_by_worker = False
    _undecided: Lock | None = None

    @classmethod
    def create(cls, *, watched: bool = True) -> Self:
        """New memory, all zero, which a fork shares; `watched` by a worker that may end the job."""
        made = cls.from_buffer(mmap.mmap(-1, ctypes.sizeof(cls)))
        made.watched = watched
        if not watched:
            return made
        try:
            made._undecided = multiprocessing.get_context("fork").Lock()
        except OSError as error:  # no shared memory for semaphores
            log.debug("who ends a job is decided without a lock: %s", error)
        return made

    def start_limit(self, seconds: float) -> None:
        """The author's code runs now, for `seconds` at most; 0 or less is without a limit."""
        self.limit = time.monotonic() + seconds if seconds > 0 else math.inf

    def clear_limit(self) -> None:
        """The author's code is over; its time limit must not strike while the end is recorded."""
        self.limit = 0.0

    def begin_to_end(self) -> None:
        """In the work-horse: it records its end from now on, and its worker cannot stop it.

        If the worker has decided to end it, the signal comes while this waits.
        """
        if self._undecided is not None:
            self._undecided.acquire(timeout=SIGNAL_SECONDS)
        self.ending_since = time.monotonic()

    def end_by_worker(self) -> bool:
        """In the worker: True to end the job, False when the work-horse records its own end."""
        if not self.ended_by_worker:
            free = self._undecided is None or self._undecided.acquire(block=False)
            self.ended_by_worker = free and not self.ending_since
        return self.ended_by_worker

    def exit_speechless(self) -> NoReturn:
        """In the work-horse: exit, and leave it to the worker to record the end."""
        self.speechless = True
        os._exit(1)
