"""The board: queues, workers and counts as those who watch the list see them, and the last hour.

Read at most once a second, and only while somebody watches; encoded once for all.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from headway.errors import StoreUnavailable
from headway.model.record import JsonDict, as_time, dumps
from headway.store import JobFilter, Reader
from quart_app.live import sse
from quart_app.live.hub import Hub
from quart_app.live.last_hour import MINUTE, LastHour

# Seconds between two looks.
LOOK_SECONDS = 1.0
# What moves at every heartbeat is no news; it is told along with news, or after this, in seconds.
RESTLESS = frozenset({"last_heartbeat", "memory_bytes", "oldest_wait_seconds", "ended_per_minute"})
RESTLESS_SECONDS = 10.0
# Rates are of the last minutes, so that a job that takes one does not make them jump; and they
# are read this seldom, in seconds.
RATE_MINUTES = 5
RATE_SECONDS = 5.0

# The kinds and queues of stored jobs are read again after so many seconds; this many at most.
NAMES_SECONDS = 2.0
MOST_NAMES = 200

Part = TypeVar("Part")

log = logging.getLogger(__name__)


class Board:
    """Runs as one task from the server's start to its end."""

    def __init__(self, reader: Reader, hub: Hub) -> None:
        self._reader = reader
        self._hub = hub
        self._told: dict[str, tuple[object, float]] = {}
        self._rates: Mapping[str, dict[str, int]] = {}
        self._rates_at = float("-inf")
        # How many workers served each queue when they were read last.
        self._served: Counter[str] = Counter()
        self._served_at = float("-inf")
        self._names: Mapping[str, Sequence[str]] = {}
        self._names_at = float("-inf")
        self._faults: dict[str, str] = {}
        self.last_hour = LastHour(reader)

    async def run(self) -> None:
        """Look, and tell what changed, until cancelled."""
        # A busy hour is read before somebody waits for it.
        await self._part("the last hour", self.last_hour.minutes)
        while True:
            if self._hub.watched:
                self._tell(await self._look())
            await asyncio.sleep(LOOK_SECONDS)

    async def read(self) -> JsonDict:
        """Queues, workers and counts for somebody who joins; without what cannot be read."""
        parts = await self._look()
        # They may have seen a moment that everybody else was spared: tell all parts anew.
        self._told.clear()
        return parts

    async def queues(self) -> list[JsonDict]:
        """Every queue with work, or that had some lately, and whether anybody serves it.

        Raises StoreUnavailable.
        """
        if time.monotonic() - self._served_at > LOOK_SECONDS:
            await self._read_workers()
        return await self._queues(self._served)

    async def _queues(self, served: Counter[str] | None) -> list[JsonDict]:
        # Who serves them is not known where the workers cannot be read.
        rates = (await self._rated())["queue"]
        found = {queue["name"]: queue for queue in await self._reader.queues()}
        idle = {"depth": 0, "started": 0, "oldest_wait_seconds": None}
        shown = {name: {"name": name} | idle for name in rates} | found
        return [
            _with_rate(shown[name], rates)
            | {
                "workers": served[name] if served is not None else None,
                "waits_for": _waits_for(name, served) if served is not None else None,
            }
            for name in sorted(shown)
        ]

    async def waits_for(self, queue: str) -> JsonDict | None:
        """Why no job of a queue begins, or None while somebody serves it.

        Raises StoreUnavailable.
        """
        return _waits_for(queue, _served_by(await self._read_workers()))

    async def workers(self) -> list[JsonDict]:
        """Every worker heard of lately. Raises StoreUnavailable."""
        rates = (await self._rated())["worker"]
        return [_with_rate(worker, rates) for worker in await self._read_workers()]

    async def _read_workers(self) -> list[JsonDict]:
        found = await self._reader.workers()
        self._served, self._served_at = _served_by(found), time.monotonic()
        return found

    async def names(self) -> Mapping[str, Sequence[str]]:
        """What stored jobs have for `kind` and `queue`, some seconds ago. Raises StoreUnavailable.

        Of very many names the first ones.
        """
        if time.monotonic() - self._names_at > NAMES_SECONDS:
            self._names = {
                column: await self._reader.names(column, most=MOST_NAMES)
                for column in ("kind", "queue")
            }
            self._names_at = time.monotonic()
        return self._names

    async def _look(self) -> JsonDict:
        workers = await self._part("workers", self.workers)
        found = {
            "queues": await self._part(
                "queues", lambda: self._queues(None if workers is None else self._served)
            ),
            "workers": workers,
            "counts": await self._part("counts", self._counts),
        }
        return {name: part for name, part in found.items() if part is not None}

    async def _part(self, name: str, read: Callable[[], Awaitable[Part]]) -> Part | None:
        """One part, or None: what keeps one from being read must not silence the others."""
        try:
            part = await read()
        except StoreUnavailable as error:
            log.debug("%s cannot be read: %s", name, error)
        except Exception as error:  # whatever it is, it is told once, not at every look
            if self._faults.get(name) != repr(error):
                log.exception("%s cannot be read", name)
            self._faults[name] = repr(error)
        else:
            self._faults.pop(name, None)
            return part
        return None

    async def _counts(self) -> dict[str, int]:
        return await self._reader.counts(JobFilter())

    async def _rated(self) -> Mapping[str, dict[str, int]]:
        if time.monotonic() - self._rates_at > RATE_SECONDS:
            self._rates = await self._reader.ended_by(as_time(time.time() - RATE_MINUTES * MINUTE))
            self._rates_at = time.monotonic()
        return self._rates

    def _tell(self, parts: JsonDict) -> None:
        for name, part in parts.items():
            news, moment = _news(part), time.monotonic()
            told, told_at = self._told.get(name, (None, 0.0))
            if news != told or moment - told_at > RESTLESS_SECONDS:
                self._told[name] = (news, moment)
                self._hub.notify(name, sse.encode_json(name, dumps({name: part}).encode()))


def _waits_for(queue: str, served: Counter[str]) -> JsonDict | None:
    if served[queue]:
        return None
    if not served:
        return {"reason": "No worker runs: start them with `headway worker`."}
    start = f"headway worker {shlex.quote(queue)}"
    return {"reason": f"No worker serves the queue {queue}: start one with `{start}`."}


def _served_by(workers: Sequence[JsonDict]) -> Counter[str]:
    """How many workers serve each queue; who was not heard of in time serves none."""
    return Counter(worker["queue"] for worker in workers if worker["state"] != "lost")


def _with_rate(item: JsonDict, ended: dict[str, int]) -> JsonDict:
    return item | {"ended_per_minute": round(ended.get(item["name"], 0) / RATE_MINUTES, 1)}


def _news(part: JsonDict | list[JsonDict]) -> object:
    if isinstance(part, dict):
        return part
    return [{k: v for k, v in item.items() if k not in RESTLESS} for item in part]
