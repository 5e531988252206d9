"""The supervisor: one process a queue, and the reconciler beside them, started anew if they die.

It opens neither the store nor Redis while it forks: nothing open may go through a fork.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from jobs.attempt import prepare
from jobs.death import die_with_parent
from jobs.logs import configure
from jobs.reconcile import reconcile_forever, reconcile_once
from jobs.redis_server import connect
from jobs.registry import DEFAULT_QUEUE, kinds, load_kinds
from jobs.settings import Settings, load_settings
from jobs.waiting import wait_for_redis, wait_for_store
from jobs.worker import WORKER_CLASS

# How often, in seconds, the supervisor looks whether its processes live.
LOOK_SECONDS = 0.2
# A process that died is started again after this long, in seconds, doubled each time up to ...
RESTART_SECONDS = 0.5
LONGEST_RESTART_SECONDS = 10.0
# ... unless it has lived for this long, in seconds.
HEALTHY_SECONDS = 30.0
# What asks the supervisor, and by it every process, to end.
SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Exit code of a process that was asked to end.
PEACE = 0

# A fork shares what was loaded; every child opens its own connections.
multiprocessing.set_start_method("fork" if hasattr(os, "fork") else "spawn", force=True)

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
        self.process = multiprocessing.Process(
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


class Supervisor:
    """Keeps the processes until it is told to end, or until all have ended in peace."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stopping = False
        for number in SIGNALS:
            signal.signal(number, self._stop)

    def keep(self, name: str, target: Callable[..., None], *args: object) -> None:
        """Start a process and keep it, unless the end has come."""
        if not self._stopping:
            self._children.append(Child(name, target, *args))

    def wait(self, *, until: Callable[[list[Child]], bool]) -> None:
        """Look after the processes until the condition holds or all of them are over."""
        while not until(self._children) and not all(child.over for child in self._children):
            for child in self._children:
                child.look(stopping=self._stopping)
            time.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """Ask every process to end and wait for it; workers finish their job first."""
        self._stop(signal.SIGTERM, None)
        self.wait(until=lambda _: False)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for child in self._children:
            # SIGTERM, whatever came: a worker's first one is the gentle way to end.
            child.signal(signal.SIGTERM)


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="Serve Headway's queues.")
    parser.add_argument("--burst", action="store_true", help="end when the queues are empty")
    parser.add_argument("--queues", default="", help="names, separated by commas; default: all")
    options = parser.parse_args()
    configure()
    settings = load_settings()
    load_kinds(settings.kind_modules)
    for module in {name for kind in kinds() for name in kind.preload}:
        importlib.import_module(module)  # before the forks, so that no job waits for it
    prepare(settings)
    names = [name.strip() for name in options.queues.split(",") if name.strip()] or every_queue()
    for name in sorted(set(names) - set(every_queue())):
        log.warning("no kind uses the queue %s; only plain RQ functions can come there", name)
    wait_for_store(settings)
    wait_for_redis(settings)
    log.info("serving %s; old jobs, failed ones too, are kept as history", ", ".join(names))
    serve(settings, names, burst=options.burst)


def every_queue() -> list[str]:
    """The queues of all kinds, and RQ's default one for plain functions."""
    return sorted({kind.queue for kind in kinds()} | {DEFAULT_QUEUE})


def serve(settings: Settings, names: list[str], *, burst: bool) -> None:
    """One worker process a queue, with the reconciler beside them, until SIGTERM."""
    if burst:
        reconcile_once(settings)
    supervisor = Supervisor()
    for name in names:
        supervisor.keep(f"worker {name}", work_on, settings, name, burst)
    if not burst:
        supervisor.keep("reconciler", reconcile_forever, settings)
    supervisor.wait(until=lambda _: False)


def work_on(settings: Settings, queue: str, burst: bool) -> None:
    """One worker, serving one queue: a worker of two can lose a job between them (RQ 3.0)."""
    wait_for_redis(settings)
    connection = connect(settings.redis_url)
    worker = WORKER_CLASS([queue], connection=connection)
    worker.work(burst=burst, logging_level="WARNING")
    stopped = worker._stop_requested or worker._shutdown_requested_date is not None
    raise SystemExit(PEACE if burst or stopped else 1)


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
