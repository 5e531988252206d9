"""The processes' own lives: started by honcho, ended by SIGTERM, with people watching."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.system import END_SECONDS, ROOT, START_SECONDS, Program, System
from tests.support.system_end import ended_afterwards
from tests.support.system_stream import Stream, open_stream
from tests.support.waiting import eventually

STREAMS = 50
# Seconds for the end of a web process that is watched; the exact figure is the bench's.
SOON_SECONDS = 3.0


async def test_sigterm_with_fifty_open_streams_ends_cleanly(system: System, tmp_path: Path) -> None:
    job = system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=60)
    paths = ["/api/events", job["links"]["events"]]
    async with AsyncExitStack() as open_until:
        streams = [
            await open_until.enter_async_context(await open_stream(system.port, paths[n % 2]))
            for n in range(STREAMS)
        ]
        readers = [asyncio.create_task(_read_to_end(stream)) for stream in streams]
        eventually(lambda: _open_streams(system) == STREAMS)

        began = time.monotonic()
        exit_code = await asyncio.to_thread(system.web.terminate)
        seconds = time.monotonic() - began
        last_words = await asyncio.gather(*readers)

    assert exit_code == 0
    assert seconds < SOON_SECONDS
    assert all(stream.ended_well for stream in streams)
    assert all(count > 0 for count in last_words)
    assert "Traceback" not in system.web.output
    system.worker.kill()  # nobody needs the job's end


def test_more_sigterms_change_nothing(system: System) -> None:
    def is_over() -> bool:
        system.web.signal(signal.SIGTERM)
        return not system.web.alive

    eventually(is_over)

    assert system.web.wait() == 0
    assert "Traceback" not in system.web.output


def test_a_worker_that_is_asked_to_end_finishes_its_job_first(
    system: System, tmp_path: Path
) -> None:
    job = system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=2, says=1)
    eventually(lambda: system.job(job["id"])["status"] == "started")

    assert system.worker.terminate() == 0

    assert system.job(job["id"])["result"] == {"says": 1}


def test_a_worker_that_is_asked_to_end_while_it_starts_ends(tmp_path: Path) -> None:
    queues = ",".join(f"queue-{number}" for number in range(8))
    system = System(tmp_path)
    command = ["python", "run_worker.py", "--queues", queues]
    worker = Program("starting", command, system.environment, tmp_path)
    with ended_afterwards(system):
        system.start("web", "redis")
        worker.start()
        eventually(lambda: len(worker.family()) > 1)

        assert worker.terminate() == 0


@pytest.mark.skipif(shutil.which("honcho") is None, reason="honcho is not installed")
def test_honcho_starts_everything_and_ends_everything(tmp_path: Path) -> None:
    system = System(tmp_path)
    honcho = Program("honcho", ["honcho", "start"], system.environment, tmp_path)
    try:
        honcho.start()
        eventually(system.ready, within=START_SECONDS)
        eventually(system.idle_workers, within=START_SECONDS)
        job = system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0, says=3)
        assert system.ended(job["id"])["result"] == {"says": 3}

        honcho.signal(signal.SIGTERM)
        honcho.wait()

        eventually(lambda: not system.processes(), within=END_SECONDS)
        assert "Traceback" not in honcho.output, honcho.output
    finally:
        system.http.close()
        honcho.signal(signal.SIGKILL)
        system.kill_everything()


def test_honcho_of_an_environment_that_is_not_active_starts_all_and_says_three_things(
    tmp_path: Path,
) -> None:
    system, checkout = System(tmp_path), tmp_path / "checkout"
    checkout.mkdir()
    for name in ("Procfile", "jobs", "quart_app", "templates", "tests", "run_worker.py"):
        (checkout / name).symlink_to(ROOT / name)
    (checkout / ".venv").symlink_to(sys.prefix)
    command = [str(Path(sys.prefix, "bin", "honcho")), "-d", str(checkout), "start"]
    plain = system.environment | {"PATH": "/usr/bin:/bin"}
    honcho = Program("honcho", command, plain, tmp_path)
    try:
        honcho.start()
        eventually(system.ready, within=START_SECONDS)
        eventually(system.idle_workers, within=START_SECONDS)
        eventually(lambda: "Workers serve" in honcho.output)

        own = re.findall(r"(?:web|worker)\S* +\| (.*)", honcho.output)
        url = f"http://127.0.0.1:{system.port}"
        assert [line for line in own if line.startswith("Headway is at")] == [
            f"Headway is at {url}"
        ]
        assert sum(f"create a character at {url}/characters/new" in line for line in own) == 1
        assert sum(line.endswith(f"the data is in {tmp_path}/data") for line in own) == 1
        assert all(line.startswith("waiting for") for line in own if not _said_at_a_start(line))
    finally:
        system.http.close()
        honcho.signal(signal.SIGTERM)
        honcho.wait()
        system.kill_everything()


def _said_at_a_start(line: str) -> bool:
    return line.startswith(("Headway is at", "Try:", "Workers serve"))


async def _read_to_end(stream: Stream) -> int:
    return len([event async for event in stream])


def _open_streams(system: System) -> int:
    lines = system.http.get("/metrics").text.splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("headway_streams"))
