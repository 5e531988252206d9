"""Real workers in processes of their own, forked from a process that has loaded everything."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from headway.client import new_record
from headway.model.record import Record
from headway.settings import Settings
from tests.support.by_hand import Hand

PRELOADED = [
    "headway.supervisor",
    "headway.maintenance.reconciler",
    "tests.support.toy_jobs",
]
# Seconds that a process of a test may live; one that hangs must not hang the tests.
LONGEST_SECONDS = 60

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOADED)


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make another process read the same settings."""
    return {
        "REDIS_URL": settings.redis_url,
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "KINDS": "tests.support.toy_jobs",
        "LEASE_SECONDS": str(settings.lease_seconds),
        "JOB_TIMEOUT_SECONDS": str(settings.job_timeout_seconds),
    }


def burst(settings: Settings, queue: str = "toys") -> str:
    """Run a worker until its queue is empty; returns what it wrote to its terminal."""
    said = settings.data_dir / "worker.out"
    process = start(settings, work, queue, True, output=said)
    process.join(LONGEST_SECONDS)
    assert process.exitcode == 0, f"exit code {process.exitcode}:\n{said.read_text()}"
    return said.read_text()


def submit(hand: Hand, kind: str, **params: Any) -> Record:
    """Hand in a job as the API does."""
    return hand.client.submit(new_record(kind, params))


def run(hand: Hand, settings: Settings, kind: str, **params: Any) -> Record:
    """Hand in a job, let a worker run it in burst mode; returns its record."""
    record = submit(hand, kind, **params)
    burst(settings)
    return hand.store.job(record.id)


@contextmanager
def working(settings: Settings, queue: str = "toys") -> Iterator[BaseProcess]:
    """A worker that serves its queue for the length of a `with`."""
    process = start(settings, work, queue, False, output=settings.data_dir / "worker.out")
    try:
        yield process
    finally:
        process.terminate()
        process.join(LONGEST_SECONDS)


def start(
    settings: Settings, target: Callable[..., None], *args: Any, output: Path | None = None
) -> BaseProcess:
    """Run `target(settings, *args)` in another process, which reads the same settings."""
    process = _context.Process(
        target=_child, args=(environment(settings), output, target, settings, *args)
    )
    process.start()
    return process


def _child(
    variables: dict[str, str], output: Path | None, target: Callable[..., None], *args: Any
) -> None:
    os.environ.update(variables)
    faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True)
    if output is not None:
        said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, sys.stdout.fileno())
        os.dup2(said, sys.stderr.fileno())
    target(*args)


def work(settings: Settings, queue: str, burst: bool) -> None:
    """Be a worker that looks around often, in a process that was started for it."""
    from headway.supervisor import work_on  # noqa: PLC0415  # in the child only
    from headway.terminal import log_to_terminal  # noqa: PLC0415  # as above
    from headway.worker.worker import Timings  # noqa: PLC0415  # as above

    log_to_terminal()
    work_on(settings, queue, burst, timings=Timings(look=1, renewal=0.5))
