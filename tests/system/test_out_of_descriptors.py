"""A web process that the system gives few descriptors, and more clients than those."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import psutil

from tests.support.raw_http import status_of
from tests.support.system import Program, System
from tests.support.system_end import ended_afterwards
from tests.support.waiting import eventually_async

DESCRIPTORS = 256
CLIENTS = 400
# As many as a web process has open that nobody asks.
FEW = 50
STREAM = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
COMMAND = f"ulimit -n {DESCRIPTORS}; exec python -m quart_app"

Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def test_clients_beyond_the_descriptors_get_503_and_the_others_live_on(
    tmp_path: Path,
) -> None:
    system = System(tmp_path)
    system.web = system.programs["web"] = Program(
        "web", ["sh", "-c", COMMAND], system.environment, tmp_path
    )
    with ended_afterwards(system):
        system.start("web", "redis")
        async with AsyncExitStack() as until:
            idle = [await _opened(system, until) for _ in range(CLIENTS)]
            opened = [await _opened(system, until) for _ in range(CLIENTS)]
            answers = Counter([await _status(one) for one in opened])
            assert set(answers) == {503}, answers
            assert len(idle) == CLIENTS
        await eventually_async(lambda: _descriptors(system) < FEW)
        assert system.http.get("/healthz").status_code == httpx.codes.OK

        async with AsyncExitStack() as until:
            opened = [await _opened(system, until) for _ in range(CLIENTS)]
            answers = Counter(await asyncio.gather(*(_status(one) for one in opened)))
            assert set(answers) == {200, 503}, answers
            async with asyncio.timeout(20):
                first = next(reader for reader, _ in opened if not reader.at_eof())
                assert await first.readuntil(b"event: snapshot")
            # Whoever else comes has room beside as many streams as there may be.
            assert system.http.get("/healthz").status_code == httpx.codes.OK
            assert system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0)

        await eventually_async(lambda: _descriptors(system) < FEW)
        assert system.web.output.count("too many connections") == 1
        assert system.web.output.count("STREAM_LIMIT=5000") == 1
        assert "Traceback" not in system.web.output
        assert "system resource" not in system.web.output


def _descriptors(system: System) -> int:
    return psutil.Process(system.web.pid).num_fds()


async def _opened(system: System, until: AsyncExitStack) -> Opened:
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    until.callback(writer.close)
    return reader, writer


async def _status(opened: Opened) -> int:
    reader, writer = opened
    writer.write(STREAM)
    async with asyncio.timeout(20):
        return status_of(await reader.readline())
