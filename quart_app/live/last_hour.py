"""The last hour, minute by minute: what ended, how long it took and how long it waited.

What is past is rarely read again: a busy hour is a hundred thousand rows, its newest minutes few.
"""

from __future__ import annotations

import time

from headway.model.record import JsonDict, as_time
from headway.store import Reader
from quart_app.live.single_flight import SingleFlight

MINUTE = 60  # seconds
MINUTES_SHOWN = 60
# The newest minutes are read again: a job ends a little before its end is stored.
READ_AGAIN_MINUTES = 2
# All are, after this many seconds: a worker that lost the store may have stored an end late.
READ_ALL_SECONDS = 600.0
NOTHING_ENDED: JsonDict = {
    "finished": 0,
    "failed": 0,
    "stopped": 0,
    "median_seconds": None,
    "p95_seconds": None,
    "median_wait_seconds": None,
}


class LastHour:
    """Keeps the minutes that are over; many pages ask for them at once when a job ends."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        # Every minute of the last hour, oldest first. Raises StoreUnavailable.
        self.minutes = SingleFlight(self._read)
        self._known: dict[str, JsonDict] = {}
        self._read_to = 0  # the newest minute that was read, in seconds since 1970
        self._read_all_at = float("-inf")

    async def _read(self) -> list[JsonDict]:
        newest = int(time.time()) // MINUTE * MINUTE
        oldest = newest - MINUTE * (MINUTES_SHOWN - 1)
        moment, begin = time.monotonic(), self._read_to - READ_AGAIN_MINUTES * MINUTE
        if begin < oldest or moment - self._read_all_at > READ_ALL_SECONDS:
            begin, self._read_all_at = oldest, moment
        since = as_time(begin)
        found = await self._reader.minutes(since)
        before = {at: row for at, row in self._known.items() if as_time(oldest) <= at < since}
        self._known = before | {row["minute"]: row for row in found}
        self._read_to = newest
        shown = [as_time(minute) for minute in range(oldest, newest + 1, MINUTE)]
        return [self._known.get(at, {"minute": at} | NOTHING_ENDED) for at in shown]
