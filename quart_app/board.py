"""The board: queues, workers and counts as those who watch the list see them.

Read at most once a second, and only while somebody watches; encoded once for all.
"""

from __future__ import annotations

import asyncio
import logging
import time

from jobs.errors import StoreUnavailable
from jobs.records import JsonDict, dumps
from jobs.store import Reader
from quart_app import sse
from quart_app.hub import Hub

# Seconds between two looks.
LOOK_SECONDS = 1.0
# What moves at every heartbeat is no news; it is told along with news, or after this, in seconds.
RESTLESS = frozenset({"last_heartbeat", "memory_bytes", "oldest_wait_seconds"})
RESTLESS_SECONDS = 10.0

log = logging.getLogger(__name__)


class Board:
    """Runs as one task from the server's start to its end."""

    def __init__(self, reader: Reader, hub: Hub) -> None:
        self._reader = reader
        self._hub = hub
        self._told: dict[str, tuple[object, float]] = {}

    async def run(self) -> None:
        """Look, and tell what changed, until cancelled."""
        while True:
            if self._hub.watched:
                try:
                    self._tell(await self.read())
                except StoreUnavailable as error:
                    log.debug("the board cannot be read: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def read(self) -> JsonDict:
        """Queues, workers and counts as they are now. Raises StoreUnavailable."""
        return {
            "queues": await self._reader.queues(),
            "workers": await self._reader.workers(),
            "counts": await self._reader.counts(),
        }

    def _tell(self, parts: JsonDict) -> None:
        for name, part in parts.items():
            news, moment = _news(part), time.monotonic()
            told, told_at = self._told.get(name, (None, 0.0))
            if news != told or moment - told_at > RESTLESS_SECONDS:
                self._told[name] = (news, moment)
                self._hub.notify(name, sse.encode_json(name, dumps({name: part}).encode()))


def _news(part: JsonDict | list[JsonDict]) -> object:
    if isinstance(part, dict):
        return part
    return [{k: v for k, v in item.items() if k not in RESTLESS} for item in part]
