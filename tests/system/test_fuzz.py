"""Broken requests to every route of a running server, which goes on as if there were none."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.fuzz import Fuzz
from tests.support.raw_http import asking, status_of, told
from tests.support.system import System
from tests.support.waiting import eventually_async

AT_A_TIME = 20
# A request that is only half there waits for its rest; so long we wait for an answer, in seconds.
ANSWER_SECONDS = 0.15
# What a good request may take beside the broken ones, in seconds, on a busy machine.
BESIDE_SECONDS = 2.0
MOST_DESCRIPTORS_MORE = 5
MOST_BYTES_MORE = 60 * 1024 * 1024
PAGES = (
    "/", "/jobs/{job_id}", "/jobs/new", "/jobs/new?kind=chaos.work", "/jobs/{job_id}/timeline",
    "/characters", "/characters/new", "/stories", "/stories/new", "/docs", "/static/x",
)  # fmt: skip
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ?[A-Za-z ]*\r\n[a-z-]+:", re.I)


async def test_broken_requests_break_nothing(
    system: System, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    count, seed = (pytestconfig.getoption(f"--fuzz-{name}") for name in ("requests", "seed"))
    system.worker.kill()  # what they start by luck need not run
    job = system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0)
    fuzz = Fuzz(_routes(system), job["id"], seed)
    web = psutil.Process(system.web.pid)
    for number in range(AT_A_TIME):  # so that what is made once is made
        await _answer(system.port, fuzz.pieces(number))
    descriptors, size = web.num_fds(), web.memory_info().rss

    slowest, statuses = 0.0, set[int]()
    for begin in range(0, count, AT_A_TIME):
        sent = [fuzz.pieces(begin + number) for number in range(AT_A_TIME)]
        broken = asyncio.gather(*(_answer(system.port, pieces) for pieces in sent))
        began = time.monotonic()
        assert status_of(await told(system.port, asking())) == 200
        slowest = max(slowest, time.monotonic() - began)
        for pieces, answer in zip(sent, await broken, strict=True):
            found = {int(status) for status in STATUS.findall(answer)}
            assert not {status for status in found if status >= 500} - {503, 505}, pieces
            statuses |= found

    assert {200, 400, 404, 405, 422} <= statuses
    assert slowest < BESIDE_SECONDS
    await eventually_async(lambda: web.num_fds() <= descriptors + MOST_DESCRIPTORS_MORE)
    assert web.memory_info().rss < size + MOST_BYTES_MORE
    assert "Traceback" not in system.web.output
    assert "Exception" not in system.web.output
    assert system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0)["id"]


def _routes(system: System) -> list[tuple[str, str]]:
    described = system.http.get("/openapi.json").json()["paths"]
    api = [(method.upper(), path) for path, methods in described.items() for method in methods]
    pages = [
        "/",
        "/jobs/{job_id}",
        "/characters",
        "/characters/new",
        "/stories",
        "/docs",
        "/static/x",
    ]
    return [*api, *(("GET", page) for page in pages if page not in described)]


async def _answer(port: int, pieces: list[bytes]) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        with suppress(OSError, TimeoutError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            async with asyncio.timeout(ANSWER_SECONDS):
                while piece := await reader.read(65_536):
                    answer += piece
    finally:
        writer.close()
    return answer
