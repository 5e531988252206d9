"""Jobs that carry the time in what they say, to be compared with when it arrives."""

from __future__ import annotations

import time

from pydantic import BaseModel

from jobs import kind, report

QUEUE = "bench"


class Ticks(BaseModel):
    """How often to report, and how many seconds lie between."""

    count: int = 1
    every_seconds: float = 0.25


@kind("bench.tick", queue=QUEUE)
def tick(params: Ticks) -> None:
    """Each message is the wall clock at the moment of its report, in seconds."""
    for number in range(params.count):
        report(100 * number / params.count, repr(time.time()))
        time.sleep(params.every_seconds)
