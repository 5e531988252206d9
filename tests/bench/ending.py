"""How long the web process takes to end while people watch; it is running again afterwards."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from tests.bench.figures import Figure
from tests.support.system import System
from tests.support.system_stream import Stream, open_stream

STREAMS = 50


def measure(system: System) -> list[Figure]:
    """SIGTERM to exit, in seconds."""
    seconds = asyncio.run(_end_with_streams(system))
    system.start()
    return [Figure(f"SIGTERM to exit with {STREAMS} streams", seconds, "s", 1.0)]


async def _end_with_streams(system: System) -> float:
    async with AsyncExitStack() as open_until:
        streams = [
            await open_until.enter_async_context(await open_stream(system.port, "/api/events"))
            for _ in range(STREAMS)
        ]
        readers = [asyncio.create_task(_read_to_end(stream)) for stream in streams]
        began = time.monotonic()
        exit_code = await asyncio.to_thread(system.web.terminate)
        seconds = time.monotonic() - began
        await asyncio.gather(*readers)
    assert exit_code == 0
    assert all(stream.ended_well for stream in streams), "a stream was cut off"
    return seconds


async def _read_to_end(stream: Stream) -> None:
    async for _ in stream:
        pass
