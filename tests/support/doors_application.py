"""Jobs of a plain RQ application; each writes what it really did into a file, the trail."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from rq import get_current_job

# Seconds between two steps of a job at work.
STEP_SECONDS = 0.05


def work(trail: str, seconds: float) -> float:
    """Work for so long, and give that back."""
    _note(trail, "began")
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, STEP_SECONDS))
    _note(trail, "ended")
    return seconds


def fail(trail: str, seconds: float) -> None:
    """Work for so long, and fail."""
    _note(trail, "began")
    time.sleep(seconds)
    raise RuntimeError("meant to fail")


def _note(trail: str, what: str) -> None:
    job = get_current_job()
    assert job is not None
    line = {"job": job.id, "what": what, "pid": os.getpid(), "at": time.time()}
    # One write of few bytes to a file opened for appending is whole, whoever else writes.
    with Path(trail).open("ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")
