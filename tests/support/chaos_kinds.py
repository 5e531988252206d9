"""Jobs made to be killed: each writes what it really did into a file that the test can read."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, Field
from rq import get_current_job

import tests.support.chaos_inside  # noqa: F401  # the web loads kinds, and with them this
from jobs import kind, report

QUEUE = "chaos"
# Seconds between two reports of a job at work.
REPORT_SECONDS = 0.05
MEGABYTE = 1024 * 1024
# What a job with a brood starts: something that outlives every test.
BROOD = ("sleep", "600")


class Work(BaseModel):
    """How long to work, and the file (the trail) to write into."""

    trail: str
    seconds: float = Field(1.0, ge=0)
    until: str | None = None  # work on until this file exists
    says: int | None = None  # a number to give back
    fails: bool = False
    silent: bool = False  # no reports after the first
    brood: bool = False  # start a process that goes on by itself if nobody ends it


@contextmanager
def _on_trail(params: Work) -> Iterator[None]:
    """Write `began` and how it ended; what is killed in between leaves `began` alone."""
    job = get_current_job()
    assert job is not None
    attempt = job.args[1]

    def note(what: str) -> None:
        line = {"job": job.id, "attempt": attempt, "what": what, "pid": os.getpid()}
        # One write of few bytes to a file opened for appending is whole, whoever else writes.
        with Path(params.trail).open("ab", buffering=0) as trail:
            trail.write(json.dumps(line | {"at": time.time()}).encode() + b"\n")

    note("began")
    try:
        yield
    except Exception:
        note("raised")
        raise
    note("ended")


def _work(params: Work) -> dict[str, int | None]:
    with _on_trail(params):
        until = time.monotonic() + params.seconds
        if params.brood:
            subprocess.Popen(BROOD)
        report(0, "Begun")
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, REPORT_SECONDS))
            if not params.silent:
                report(100 * (1 - left / params.seconds), f"{left:.1f} s to go")
        while params.until and not Path(params.until).exists():
            time.sleep(REPORT_SECONDS)
        if params.fails:
            raise ValueError("meant to fail")
        return {"says": params.says}


@kind("chaos.work", queue=QUEUE)
def work(params: Work) -> dict[str, int | None]:
    """One attempt only."""
    return _work(params)


@kind("chaos.once", queue=QUEUE)
def once(params: Work) -> None:
    """Speaks once, after a second, and works on in silence."""
    with _on_trail(params):
        time.sleep(1)
        report(50, "Said once")
        time.sleep(params.seconds)


@kind("chaos.persist", queue=QUEUE, max_attempts=5)
def persist(params: Work) -> dict[str, int | None]:
    """May be tried again."""
    return _work(params)


@kind("chaos.hurry", queue=QUEUE, timeout=2)
def hurry(params: Work) -> dict[str, int | None]:
    """Has two seconds."""
    return _work(params)


@kind("chaos.deaf", queue=QUEUE, timeout=2)
def deaf(params: Work) -> None:
    """Has two seconds, and does not want to hear of them."""
    with _on_trail(params):
        until = time.monotonic() + params.seconds
        while time.monotonic() < until:
            with suppress(Exception):  # the very mistake that is to be survived
                time.sleep(REPORT_SECONDS)


@kind("chaos.leave", queue=QUEUE)
def leave(params: Work) -> None:
    """Ends its process as if all were well, in the middle of the work."""
    with _on_trail(params):
        os._exit(0)


@kind("chaos.hoard", queue=QUEUE)
def hoard(params: Work) -> None:
    """Takes memory until the kernel has enough of it."""
    with _on_trail(params):
        held = []
        while True:
            held.append(b"x" * MEGABYTE)
