"""A process that is kept alive: started, asked to end, and started anew if it dies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from headway.worker.death import die_with_parent

# A process that died is started again after this long, in seconds, doubled each time up to ...
RESTART_SECONDS = 0.5
LONGEST_RESTART_SECONDS = 10.0
# ... unless it has lived for this long, in seconds.
HEALTHY_SECONDS = 30.0
# What asks the supervisor, and by it every process, to end.
SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Exit code of a process that was asked to end.
PEACE = 0

# A fork shares what was loaded; every child opens its own connections. Ours alone: what an
# application, or a job, starts is started as it chose.
_forks = hasattr(os, "fork")
_context = multiprocessing.get_context("fork") if _forks else multiprocessing.get_context("spawn")

log = logging.getLogger(__name__)


class Child:
    """A process that is kept alive."""

    def __init__(self, name: str, target: Callable[..., None], *args: object) -> None:
        self.name = name
        self._target = target
        self._args = args
        self._delay = RESTART_SECONDS
        self._restart_at = 0.0
        self._asked_to_end = False
        self.over = False
        self.start()

    def start(self) -> None:
        """Start the process, for the first time or anew."""
        self._began = time.monotonic()
        self._restart_at = 0.0
        self._asked_to_end = False
        self.process = _context.Process(
            target=_child, args=(os.getpid(), self._target, *self._args), name=self.name
        )
        # A signal that comes between the fork and the child's own handlers waits for those.
        with _held_back(SIGNALS):
            self.process.start()

    def look(self, *, stopping: bool) -> None:
        """Start it again when it died and is still wanted."""
        if self.over:
            return
        if self.process.is_alive():
            if stopping and not self._asked_to_end:  # it was started while the signal came
                self.signal(signal.SIGTERM)
            return
        if stopping or self.process.exitcode == PEACE:
            self.over = True
        elif not self._restart_at:
            if time.monotonic() - self._began > HEALTHY_SECONDS:
                self._delay = RESTART_SECONDS
            log.warning("%s ended with %s, starting it again", self.name, self.process.exitcode)
            self._restart_at = time.monotonic() + self._delay
            self._delay = min(2 * self._delay, LONGEST_RESTART_SECONDS)
        elif time.monotonic() >= self._restart_at:
            self.start()

    def signal(self, number: int) -> None:
        """Pass a signal on."""
        if self.process.is_alive() and self.process.pid:
            self._asked_to_end = True
            os.kill(self.process.pid, number)


def _child(parent: int, target: Callable[..., None], *args: object) -> None:
    # The parent's handlers would stop our brothers.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    _let_through(SIGNALS)
    die_with_parent(parent)
    target(*args)


@contextmanager
def _held_back(signals: tuple[int, ...]) -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _let_through(signals: tuple[int, ...]) -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
