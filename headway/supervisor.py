"""The supervisor: one process a queue, and the reconciler beside them, started anew if they die.

It opens neither the store nor Redis while it forks: nothing open may go through a fork.
"""

from __future__ import annotations

import importlib
import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

from headway.broker.connection import connect
from headway.child import PEACE, SIGNALS, Child
from headway.kinds.registry import DEFAULT_QUEUE, kinds, load_kinds
from headway.logs import configure
from headway.maintenance.reconciler import reconcile_forever, reconcile_once
from headway.patience import wait_for_redis, wait_for_store
from headway.settings import Settings, load_settings
from headway.worker.worker import WORKER_CLASS
from headway.workhorse.attempt import prepare

# How often, in seconds, the supervisor looks whether its processes live.
LOOK_SECONDS = 0.2

log = logging.getLogger(__name__)


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


def supervise(names: list[str], *, burst: bool) -> None:
    """Serve the queues, or those of all kinds where none is named, until SIGTERM.

    With `burst`, until they are empty.
    """
    configure()
    settings = load_settings()
    load_kinds(settings.kind_modules)
    for module in {name for kind in kinds() for name in kind.preload}:
        importlib.import_module(module)  # before the forks, so that no job waits for it
    for kind in kinds():
        kind.prepare()
    prepare(settings)
    for name in sorted(set(names) - set(every_queue())):
        log.warning("no kind uses the queue %s; only plain RQ functions can come there", name)
    wait_for_store(settings)
    wait_for_redis(settings)
    serve(settings, names or every_queue(), burst=burst)


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
    log.info("Workers serve %s; the data is in %s", ", ".join(names), settings.data_dir.resolve())
    supervisor.wait(until=lambda _: False)


def work_on(settings: Settings, queue: str, burst: bool) -> None:
    """One worker, serving one queue: a worker of two can lose a job between them (RQ 3.0)."""
    wait_for_redis(settings)
    connection = connect(settings.redis_url)
    worker = WORKER_CLASS([queue], connection=connection)
    worker.work(burst=burst, logging_level="WARNING")
    stopped = worker._stop_requested or worker._shutdown_requested_date is not None
    raise SystemExit(PEACE if burst or stopped else 1)
