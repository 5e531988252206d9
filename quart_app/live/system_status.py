"""The system's status: queues, workers and counts for the watchers of lists, and the last hour.

Read at most once a second, and only while a list is watched; encoded once for all watchers.
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
from headway.model.record import JsonDict, as_time
from headway.store import JobFilter, Reader
from quart_app.live.event import encode_json
from quart_app.live.hub import Hub
from quart_app.live.last_hour import MINUTE, LastHour
from quart_app.live.single_flight import SingleFlight

LOOK_SECONDS = 1.0
# Fields that change with every heartbeat trigger no event; they go out with the next real change,
# or after this many seconds.
VOLATILE_FIELDS = frozenset(
    {"last_heartbeat", "memory_bytes", "oldest_wait_seconds", "ended_per_minute"}
)
VOLATILE_SECONDS = 10.0
# Rates are averages over minutes, so that a job that takes one does not make them jump, and are
# read again after this many seconds.
RATE_MINUTES = 5
RATE_SECONDS = 5.0
NAMES_SECONDS = 2.0
MOST_NAMES = 200  # of kinds, and of queues

Part = TypeVar("Part")

log = logging.getLogger(__name__)


class SystemStatus:
    """Runs as one task from the server's start to its end."""

    def __init__(
        self,
        reader: Reader,
        hub: Hub,
        *,
        look_seconds: float = LOOK_SECONDS,
        volatile_seconds: float = VOLATILE_SECONDS,
    ) -> None:
        self._reader = reader
        self._hub = hub
        self._look_seconds = look_seconds
        self._volatile_seconds = volatile_seconds
        self._sent: dict[str, tuple[object, float]] = {}
        self._faults: dict[str, str] = {}
        self._parts = SingleFlight(self._look)
        self._rates = SingleFlight(self._read_rates, max_age=RATE_SECONDS)
        # What stored jobs have for `kind` and `queue`, some seconds ago; of very many the first.
        # Raises StoreUnavailable.
        self.names = SingleFlight(self._read_names, max_age=NAMES_SECONDS)
        self.last_hour = LastHour(reader)

    async def run(self) -> None:
        """Send what changed to the watchers of lists, until cancelled."""
        # A busy hour takes long to read: do it before the first page asks.
        await self._part("the last hour", self.last_hour.minutes)
        while True:
            if self._hub.watched:
                self._send(await self._parts())
            await asyncio.sleep(self._look_seconds)

    async def read(self) -> JsonDict:
        """Queues, workers and counts for a new watcher; without what cannot be read."""
        parts = await self._parts()
        # It may differ from what was sent last: send every part again.
        self._sent.clear()
        return parts

    async def queues(self) -> list[JsonDict]:
        """Every queue that has work or had some lately, and what serves it.

        Raises StoreUnavailable.
        """
        return await self._queues(await self._reader.workers())

    async def workers(self) -> list[JsonDict]:
        """Every worker heard of lately. Raises StoreUnavailable."""
        rates = (await self._rates())["worker"]
        return [_with_rate(worker, rates) for worker in await self._reader.workers()]

    async def waits_for(self, queue: str) -> JsonDict | None:
        """Why no job of a queue begins, or None while a worker serves it.

        Raises StoreUnavailable.
        """
        return _waits_for(queue, _served_by(await self._reader.workers()))

    async def _look(self) -> JsonDict:
        workers = await self._part("workers", self.workers)
        found = {
            "queues": await self._part("queues", lambda: self._queues(workers)),
            "workers": workers,
            "counts": await self._part("counts", lambda: self._reader.counts(JobFilter())),
        }
        return {name: part for name, part in found.items() if part is not None}

    async def _queues(self, workers: Sequence[JsonDict] | None) -> list[JsonDict]:
        # What serves them is not known where the workers cannot be read.
        served = None if workers is None else _served_by(workers)
        rates = (await self._rates())["queue"]
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

    async def _part(self, name: str, read: Callable[[], Awaitable[Part]]) -> Part | None:
        """One part, or None: a part that cannot be read must not silence the others."""
        try:
            part = await read()
        except StoreUnavailable as error:
            log.debug("%s cannot be read: %s", name, error)
        except Exception as error:  # whatever it is, it is logged once, not at every look
            if self._faults.get(name) != repr(error):
                log.exception("%s cannot be read", name)
            self._faults[name] = repr(error)
        else:
            self._faults.pop(name, None)
            return part
        return None

    async def _read_rates(self) -> Mapping[str, dict[str, int]]:
        return await self._reader.ended_by(as_time(time.time() - RATE_MINUTES * MINUTE))

    async def _read_names(self) -> Mapping[str, Sequence[str]]:
        return {
            column: await self._reader.names(column, most=MOST_NAMES)
            for column in ("kind", "queue")
        }

    def _send(self, parts: JsonDict) -> None:
        for name, part in parts.items():
            steady, moment = _without_volatile(part), time.monotonic()
            sent, sent_at = self._sent.get(name, (None, 0.0))
            if steady != sent or moment - sent_at > self._volatile_seconds:
                self._sent[name] = (steady, moment)
                self._hub.notify(name, encode_json(name, {name: part}))


def _waits_for(queue: str, served: Counter[str]) -> JsonDict | None:
    if served[queue]:
        return None
    if not served:
        return {"reason": "No workers are running: start them with `headway worker`."}
    start = f"headway worker {shlex.quote(queue)}"
    return {"reason": f"No worker serves the queue {queue}: start one with `{start}`."}


def _served_by(workers: Sequence[JsonDict]) -> Counter[str]:
    """How many workers serve each queue; one that is lost serves none."""
    return Counter(
        queue
        for worker in workers
        if worker["state"] != "lost"
        for queue in worker["queue"].split(",")
    )


def _with_rate(item: JsonDict, ended: dict[str, int]) -> JsonDict:
    return item | {"ended_per_minute": round(ended.get(item["name"], 0) / RATE_MINUTES, 1)}


def _without_volatile(part: JsonDict | list[JsonDict]) -> object:
    if isinstance(part, dict):
        return part
    return [{k: v for k, v in item.items() if k not in VOLATILE_FIELDS} for item in part]
