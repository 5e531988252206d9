"""How long people wait: for a stream's first event, for a job's first word, for each report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from tests.bench.figures import Figure, spread
from tests.support.system import System
from tests.support.system_stream import Received, open_stream

JOBS = 60
REPORTS = 120
# Seconds between two reports: longer than a frame, so that each is an event by itself.
EVERY_SECONDS = 0.15


def measure(system: System) -> list[Figure]:
    """The waiting times, in milliseconds."""
    return asyncio.run(_measure(system))


async def _measure(system: System) -> list[Figure]:
    first_events, first_words = [], []
    for _ in range(JOBS):
        event, word = await _one_job(system)
        first_events.append(event)
        first_words.append(word)
    return [
        *spread("submit to first event on a stream", first_events, middle_ms=50, high_ms=75),
        *spread("submit to the job's first report", first_words, middle_ms=150, high_ms=250),
        *spread(
            "report to event on an open stream", await _reports(system), middle_ms=15, high_ms=100
        ),
    ]


async def _one_job(system: System) -> tuple[float, float]:
    """Seconds from a submit to the stream's first event, and to the job's first report."""
    submitted, began = time.time(), time.monotonic()
    record = await asyncio.to_thread(system.submit, "bench.tick", every_seconds=0)
    seen: list[float] = []
    async for event in _events(system, record["links"]["events"]):
        seen.append(event.at - began)
        if event.data["status"] == "finished":
            return seen[0], float(event.data["message"]) - submitted
    raise AssertionError("the stream ended before the job")


async def _reports(system: System) -> list[float]:
    """Seconds from each report of a job to its event."""
    record = await asyncio.to_thread(
        system.submit, "bench.tick", count=REPORTS, every_seconds=EVERY_SECONDS
    )
    said: dict[str, float] = {}
    async for event in _events(system, record["links"]["events"]):
        if message := event.data["message"]:
            said.setdefault(message, time.time() - float(message))
    return list(said.values())


async def _events(system: System, path: str) -> AsyncIterator[Received]:
    async with await open_stream(system.port, path) as stream:
        async for event in stream:
            if event.name == "job":
                yield event
