"""What a report costs the job that makes it: within the throttle's window, and written."""

from __future__ import annotations

import time
from collections.abc import Callable

from headway.progress import report
from headway.settings import read_settings
from headway.store import ensure_schema
from tests.bench.figures import Figure, percentile
from tests.support.attempts import claimed
from tests.support.by_hand import Hand
from tests.support.system import System

THROTTLED = 500_000
WRITTEN = 1_000


def measure(system: System) -> list[Figure]:
    """A report's cost; the system's Redis is used, the store is one of the bench's own."""
    settings = read_settings(
        env_file=None, data_dir=system.folder / "reports", redis_url=system.redis_url
    )
    ensure_schema(settings)
    figures: list[Figure] = []
    with Hand(settings) as hand, claimed(settings, hand.create(), "bench") as attempt:
        attempt.run(lambda: figures.extend(_costs()))
    return figures


def _costs() -> list[Figure]:
    throttled = _seconds(lambda: report(50, "Painting"), THROTTLED)
    empty = _seconds(lambda: None, THROTTLED)
    written = [_written() for _ in range(WRITTEN)]
    return [
        Figure("report within the window", 1e6 * (throttled - empty), "µs", 0.5),
        Figure("report that is written, p50", 1e6 * percentile(written, 0.5), "µs", 1000),
        Figure("report that is written, p99", 1e6 * percentile(written, 0.99), "µs", 5000),
    ]


def _written() -> float:
    report.due = 0.0  # the window is over
    began = time.perf_counter()
    report(50, "Painting")
    return time.perf_counter() - began


def _seconds(call: Callable[[], object], times: int) -> float:
    """Seconds of one call, the loop around it included."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times
