"""Watchers that come back like browsers, and that hold the server to its promises meanwhile.

A broken promise is kept as a sentence in `broken`: a watcher runs in a task of its own, and its
test asks at the end.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from tests.support.system_stream import Received, Stream, open_stream

# Seconds until a watcher that was cut off comes again; browsers take the server's `retry`.
COME_BACK_SECONDS = 0.2
# Seconds in which a watcher that leaves by itself has left.
LEAVE_SECONDS = (0.05, 1.5)
FINAL = {"finished", "failed", "stopped", "canceled"}

Json = dict[str, Any]


class Watcher:
    """One browser's EventSource, on a path; it comes again with its last id until it is told."""

    def __init__(self, port: int, path: str, *, leaves: random.Random | None = None) -> None:
        self._port = port
        self.path = path
        self._leaves = leaves
        self.last_id: str | None = None
        self.broken: list[str] = []
        self.visits = 0
        self.over = False

    async def watch(self) -> None:
        """Watch until the server says that nothing more will come, or until cancelled."""
        while not self.over:
            with suppress(OSError, TimeoutError):
                async with await open_stream(self._port, self.path, last_id=self.last_id) as stream:
                    await self._visit(stream)
            await asyncio.sleep(COME_BACK_SECONDS)

    def take(self, event: Received) -> None:
        """Take an event in."""
        raise NotImplementedError

    async def _visit(self, stream: Stream) -> None:
        self.visits += 1
        if stream.status != HTTPStatus.OK:
            self.over = stream.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
            return
        patience = self._leaves.uniform(*LEAVE_SECONDS) if self._leaves else None
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                async for event in stream:
                    self._take_with_id(event)
        if self._leaves and self._leaves.random() < 1 / 2:
            stream.reset()

    def _take_with_id(self, event: Received) -> None:
        if event.data is None:
            self.broken.append(f"{self.path}: a message without data")
            return
        if event.id is not None:
            self._compare(self.last_id, event.id, "the stream's id")
            self.last_id = event.id
        self.take(event)

    def _compare(self, before: str | None, after: str, what: str) -> None:
        if before is None or before.partition(":")[0] != after.partition(":")[0]:
            return
        if int(after.partition(":")[2]) < int(before.partition(":")[2]):
            self.broken.append(f"{self.path}: {what} went back from {before} to {after}")


class JobWatcher(Watcher):
    """Somebody at a job's page."""

    def __init__(self, port: int, job_id: str, *, leaves: random.Random | None = None) -> None:
        super().__init__(port, f"/api/jobs/{job_id}/events", leaves=leaves)
        self.states: list[Json] = []
        self.told: list[float] = []  # when each state came, on the monotonic clock, in seconds

    @property
    def state(self) -> Json:
        """The job as this watcher knows it; empty before the first event."""
        return self.states[-1] if self.states else {}

    def take(self, event: Received) -> None:
        """A newer state, of which there is none after the end."""
        if event.name == "gone":
            self.over = True
        if event.name == "end" and not self.over and self.state.get("status") not in FINAL:
            self.broken.append(f"{self.path}: an end after {self.state.get('status')}")
        if event.name != "job":
            return
        if self.states and event.data["seq"] <= self.state["seq"]:
            self.broken.append(f"{self.path}: seq {event.data['seq']} after {self.state['seq']}")
        if self.state.get("status") in FINAL and event.data["attempt"] == self.state["attempt"]:
            self.broken.append(f"{self.path}: {event.data['status']} after {self.state['status']}")
        self.states.append(event.data)
        self.told.append(event.at)

    async def until(self, condition: Callable[[Json], bool]) -> Json:
        """The first state that meets the condition, among those told so far and to come."""
        seen = 0
        while True:
            for state in self.states[seen:]:
                if condition(state):
                    return state
            seen = len(self.states)
            await asyncio.sleep(COME_BACK_SECONDS / 10)


class ListWatcher(Watcher):
    """Somebody at the dashboard, with a filter or none."""

    def __init__(self, port: int, query: str = "", *, leaves: random.Random | None = None) -> None:
        super().__init__(port, f"/api/events{query}", leaves=leaves)
        self.query = query
        self.jobs: dict[str, Json] = {}
        self.board: Json = {}

    def take(self, event: Received) -> None:
        """What a page does with each event: replace all, put one in, take one out."""
        if event.name == "snapshot":
            self._compare(self.last_id, event.data["cursor"], "the snapshot's cursor")
            self.last_id = event.data["cursor"]
            self.jobs = {job["id"]: job for job in event.data["jobs"]}
            self.board = {name: event.data[name] for name in ("queues", "workers", "counts")}
        elif event.name == "job":
            known = self.jobs.get(event.data["id"])
            if known is not None and event.data["seq"] < known["seq"]:
                self.broken.append(f"{self.path}: job {event.data['id']} went back")
            self.jobs[event.data["id"]] = event.data
        elif event.name == "gone":
            self.jobs.pop(event.data["id"], None)
        elif event.name in self.board:
            self.board[event.name] = event.data[event.name]
