"""Five hundred people watch the list while fifty jobs change it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import psutil

from headway.model.record import seconds_of
from headway.settings import read_settings
from tests.bench.figures import Figure, spread
from tests.support.by_hand import Hand
from tests.support.system import System
from tests.support.system_stream import Stream, open_stream

STREAMS = 500
# Of these are read with care; to parse them all would measure this process, not the server.
READ = 10
JOBS = 50
CHANGES = 300
# Changes a second, of all jobs together.
PACE = 50
# Seconds after the last change in which it has reached everybody.
SETTLE_SECONDS = 3.0


def measure(system: System) -> list[Figure]:
    """Change to event over all streams, and what it costs the web process."""
    return asyncio.run(_measure(system))


async def _measure(system: System) -> list[Figure]:
    web = psutil.Process(system.web.pid)
    waits: list[float] = []
    async with AsyncExitStack() as open_until:
        streams = [
            await open_until.enter_async_context(await open_stream(system.port, "/api/events"))
            for _ in range(STREAMS)
        ]
        readers = [
            asyncio.create_task(
                stream.drain() if index % (STREAMS // READ) else _read(stream, waits)
            )
            for index, stream in enumerate(streams)
        ]
        before, began = sum(web.cpu_times()[:2]), time.monotonic()
        await asyncio.to_thread(_change, system)
        busy = (sum(web.cpu_times()[:2]) - before) / (time.monotonic() - began)
        await asyncio.sleep(SETTLE_SECONDS)
        for reader in readers:
            reader.cancel()
    assert len(waits) >= READ * JOBS, "events did not arrive"
    return [
        *spread(f"change to event on {STREAMS} streams", waits, middle_ms=250, high_ms=1000),
        Figure(f"web process' load, {STREAMS} streams", busy, "cores", 0.8),
    ]


async def _read(stream: Stream, waits: list[float]) -> None:
    async for event in stream:
        if event.name == "job":
            waits.append(time.time() - seconds_of(event.data["updated_at"]))


def _change(system: System) -> None:
    settings = read_settings(
        env_file=None, data_dir=system.folder / "data", redis_url=system.redis_url
    )
    with Hand(settings) as hand:
        jobs = [hand.start(hand.create(queue="nobody")) for _ in range(JOBS)]
        for number in _paced(CHANGES):
            index = number % JOBS
            jobs[index] = hand.change(jobs[index], progress=100 * number / CHANGES)
        for job in jobs:
            hand.finish(job)


def _paced(count: int) -> Iterator[int]:
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / PACE - time.monotonic()))
        yield number
