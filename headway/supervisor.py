"""The supervisor: a process for each queue, and the reconciler, restarted when they die.

The parent process opens neither the store nor Redis: nothing that is open may go through a fork.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from headway.availability import wait_for_redis, wait_for_store
from headway.broker.connection import connect
from headway.errors import MissingExtra
from headway.kinds.kind import Kind
from headway.kinds.registry import DEFAULT_QUEUE, kinds, load_kinds
from headway.maintenance.reconciler import reconcile_forever, reconcile_once
from headway.processes import die_with_parent
from headway.settings import Settings, load_settings
from headway.terminal import log_to_terminal
from headway.worker.forking import Worker
from headway.worker.worker import HeadwayWorker, SimpleWorker, Timings

# Seconds between two checks that the processes are alive.
CHECK_SECONDS = 0.2
# A process that died is restarted after this long, in seconds, doubled each time up to ...
RESTART_SECONDS = 0.5
LONGEST_RESTART_SECONDS = 10.0
# ... unless it has lived for this long, in seconds.
HEALTHY_SECONDS = 30.0
# Signals that ask the supervisor, and through it every process, to end.
SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Exit code of a process that ended as it should, and is not restarted.
EXIT_OK = 0

# Forked, so that a process shares what is loaded; each opens its own connections. The context is
# ours alone: an application's processes, and a job's, are started the way it chose.
_forks = hasattr(os, "fork")
_context = multiprocessing.get_context("fork") if _forks else multiprocessing.get_context("spawn")
WORKER_CLASS: type[HeadwayWorker] = Worker if _forks else SimpleWorker

log = logging.getLogger(__name__)


def supervise(names: list[str], *, burst: bool) -> None:
    """Serve the queues, or those of all kinds if none is named, until SIGTERM.

    With `burst`, until they are empty.
    """
    log_to_terminal()
    settings = load_settings()
    load_kinds(settings.kind_modules, examples=settings.examples)
    for kind in kinds():
        preload(kind)
    known = sorted({kind.queue for kind in kinds()} | {DEFAULT_QUEUE})
    for name in sorted(set(names) - set(known)):
        log.warning("no kind uses the queue %s; only plain RQ functions can come there", name)
    wait_for_store(settings)
    wait_for_redis(settings)
    _serve(settings, names or known, burst=burst)


def preload(kind: Kind) -> None:
    """Load what its jobs need before the forks, so that no job waits for it."""
    try:
        for module in kind.preload:
            importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"The kind {kind.name} needs {error.name}, which is missing. Install it; the examples"
            " need pip install 'headway[examples]', or EXAMPLES=0 leaves them out."
        ) from None
    kind.prepare()


def _serve(settings: Settings, names: list[str], *, burst: bool) -> None:
    if burst:
        reconcile_once(settings)
    supervisor = Supervisor()
    for name in names:
        supervisor.keep(f"worker {name}", work_on, settings, name, burst)
    if not burst:
        supervisor.keep("reconciler", reconcile_forever, settings)
    log.info("Workers serve %s; the data is in %s", ", ".join(names), settings.data_dir.resolve())
    supervisor.wait()


def work_on(
    settings: Settings,
    queue: str,
    burst: bool,
    *,
    worker_class: type[HeadwayWorker] = WORKER_CLASS,
    timings: Timings | None = None,
) -> None:
    """Be one worker, serving one queue: a worker of two can lose a job between them (RQ 3.0)."""
    wait_for_redis(settings)
    connection = connect(settings.redis_url)
    worker = worker_class([queue], connection=connection, timings=timings)
    worker.work(burst=burst, logging_level="WARNING")
    stopped = worker._stop_requested or worker._shutdown_requested_date is not None
    raise SystemExit(EXIT_OK if burst or stopped else 1)


class Supervisor:
    """Keeps processes alive until it is asked to end, or until all have ended as they should."""

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._stopping = False
        for number in SIGNALS:
            signal.signal(number, self._stop)

    def keep(self, name: str, target: Callable[..., None], *args: object) -> None:
        """Start a process and keep it alive, unless the supervisor was asked to end."""
        if not self._stopping:
            self._children.append(_Child(name, target, *args))

    def wait(self) -> None:
        """Restart what dies, until every process has ended for good."""
        while not all(child.over for child in self._children):
            for child in self._children:
                child.check(stopping=self._stopping)
            time.sleep(CHECK_SECONDS)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for child in self._children:
            child.terminate()


class _Child:
    """A process that is kept alive."""

    def __init__(self, name: str, target: Callable[..., None], *args: object) -> None:
        self._name = name
        self._target = target
        self._args = args
        self._delay = RESTART_SECONDS
        self.over = False
        self._start()

    def _start(self) -> None:
        self._began = time.monotonic()
        self._restart_at = 0.0
        self._asked_to_end = False
        self._process = _context.Process(
            target=_run_child, args=(os.getpid(), self._target, *self._args), name=self._name
        )
        # A signal that comes between the fork and the child's own handlers waits for those.
        with _blocked(SIGNALS):
            self._process.start()

    def check(self, *, stopping: bool) -> None:
        """Restart it, some time after it died, if it is still wanted."""
        if self.over:
            return
        if self._process.is_alive():
            if stopping and not self._asked_to_end:  # it was started while the signal came
                self.terminate()
        elif stopping or self._process.exitcode == EXIT_OK:
            self.over = True
        elif not self._restart_at:
            if time.monotonic() - self._began > HEALTHY_SECONDS:
                self._delay = RESTART_SECONDS
            log.warning("%s ended with %s, restarting it", self._name, self._process.exitcode)
            self._restart_at = time.monotonic() + self._delay
            self._delay = min(2 * self._delay, LONGEST_RESTART_SECONDS)
        elif time.monotonic() >= self._restart_at:
            self._start()

    def terminate(self) -> None:
        """Send SIGTERM, whichever signal came: a worker finishes its job after the first one."""
        if self._process.is_alive() and self._process.pid:
            self._asked_to_end = True
            os.kill(self._process.pid, signal.SIGTERM)


def _run_child(parent: int, target: Callable[..., None], *args: object) -> None:
    # With the parent's handlers this process would stop its siblings.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    die_with_parent(parent)
    target(*args)


@contextmanager
def _blocked(signals: tuple[int, ...]) -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
