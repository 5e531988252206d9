"""Clients of event streams that other people wrote: how they are installed, run, and heard."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.support.waiting import eventually_async

FOLDER = Path(__file__).parent.parent / "peer"
PACKAGES = FOLDER / "node_modules"
MISSING = "no Node: install Debian's nodejs and npm"
# Seconds that npm may take, and that a client may need to stop by itself.
INSTALL_SECONDS = 300
STOP_SECONDS = 30


def missing() -> str:
    """Have the packages of the lock file in place; returns why they are not, or nothing."""
    if not (shutil.which("node") and shutil.which("npm")):
        return MISSING
    lock = FOLDER / "package-lock.json"
    mark = PACKAGES / "of-this-lock"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # several processes of one suite install once
        if not mark.exists() or mark.read_text() != lock.read_text():
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts"],
                cwd=FOLDER, timeout=INSTALL_SECONDS, check=False, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                return f"npm cannot install the clients of tests/peer: {done.stderr}"
            mark.write_text(lock.read_text())
    return ""


def no_peer(reason: str) -> NoReturn:
    """Skip a test for want of something on this machine, but not in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Heard:
    """What a client was told, over all its visits."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    opened: int = 0

    @property
    def states(self) -> list[tuple[str, str]]:
        """Each state of the job: its status and message."""
        return [(job["status"], job["message"]) for name, job in self.events if name == "job"]

    @property
    def seqs(self) -> list[int]:
        """The numbers of the states, as they came."""
        return [job["seq"] for name, job in self.events if name == "job"]

    @property
    def names(self) -> list[str]:
        """The events' names, as they came."""
        return [name for name, _ in self.events]

    @property
    def lines(self) -> list[str]:
        """The lines of the job's log, as they came."""
        return [line for name, data in self.events if name == "log" for line in data["lines"]]

    def take(self, name: str, data: str) -> None:
        """Take an event in. What is no JSON, as an empty message, is a fault."""
        try:
            self.events.append((name, json.loads(data)))
        except ValueError:
            self.faults.append(f"{name or 'a message'}: {data!r}")

    async def until(self, status: str, message: str) -> None:
        """Return when this state was told."""
        await eventually_async(lambda: (status, message) in self.states)


class NodeClient:
    """One of the clients of `watch.mjs`, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.heard = Heard()
        self._listening = asyncio.create_task(self._listen())

    async def stopped(self) -> int:
        """Return when the client stopped by itself: its exit code."""
        async with asyncio.timeout(STOP_SECONDS):
            await self._listening
            return await self._process.wait()

    async def kill(self) -> None:
        """End it, if it has not stopped."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._listening

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            self.heard.opened += "opened" in told
            if "error" in told:
                self.heard.faults.append(told["error"])
            if "name" in told:
                self.heard.take(told["name"], told["data"])


@asynccontextmanager
async def node_client(name: str, url: str) -> AsyncIterator[NodeClient]:
    """A client of `watch.mjs` for the length of a `with`."""
    process = await asyncio.create_subprocess_exec(
        "node", "watch.mjs", name, url,
        cwd=FOLDER, stdout=asyncio.subprocess.PIPE, limit=2**20,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )  # fmt: skip
    client = NodeClient(process)
    try:
        yield client
    finally:
        await client.kill()
