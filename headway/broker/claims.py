"""Claims: which Headway serves which list, when several share a Redis.

The first Headway that serves a queue keeps RQ's own list of it, where other programs enqueue too.
Jobs of another store use a list of their own, `QUEUE@EPOCH`. So two checkouts on one Redis take
no jobs from each other, and a single one looks to RQ like any other program.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from headway.processes import HOST, pid_namespace
from headway.settings import Settings

# Below `rq:`, for a Redis may let its users have no other keys.
KEY = "rq:headway:claim:{queue}"
# A claim lives for this long, in milliseconds, after it was renewed: longer than a restart.
CLAIM_MILLISECONDS = 60_000
# A claim is renewed at most this often, in seconds.
RENEWAL_SECONDS = 10.0
# What was read is trusted for this long, in seconds; from a wrong list, a job is passed on.
KNOWN_SECONDS = 2.0
SEPARATOR = "@"
EPOCH = re.compile(r"[0-9a-f]{8}")

log = logging.getLogger(__name__)


def own_list(queue: str, epoch: str) -> str:
    """RQ's name of the list that a store has for itself."""
    return f"{queue}{SEPARATOR}{epoch}"


def queue_of(name: str) -> str:
    """The queue behind RQ's name of a list."""
    queue, separator, epoch = name.rpartition(SEPARATOR)
    return queue if separator and EPOCH.fullmatch(epoch) else name


@dataclass(frozen=True, slots=True)
class Holder:
    """The owner of a claim: a store's epoch, and where that store is, on which machine."""

    epoch: str
    machine: str
    kept_at: str

    def is_the_same_as(self, other: Holder) -> bool:
        """True also for a new store in the place of the other, which is gone."""
        place, its_place = (self.machine, self.kept_at), (other.machine, other.kept_at)
        return self.epoch == other.epoch or place == its_place


class Claims:
    """One store's view of the claims. One thread at a time."""

    def __init__(self, connection: Any, settings: Settings, epoch: Callable[[], str]) -> None:
        self._redis = connection
        self._kept_at = f"{HOST}:{settings.store_name}"
        self._epoch = epoch
        # RQ's name of the list for each queue, and until when that is trusted.
        self._known: dict[str, tuple[str, float]] = {}

    def list_of(self, queue: str) -> str:
        """RQ's name of the list for our jobs of a queue. Raises redis.RedisError."""
        name, until = self._known.get(queue, (queue, 0.0))
        if time.monotonic() >= until:
            ours, holder = self._ours(), _holder(self._redis.get(KEY.format(queue=queue)))
            free = holder is None or holder.is_the_same_as(ours)
            name = queue if free else own_list(queue, ours.epoch)
            self._known[queue] = name, time.monotonic() + KNOWN_SECONDS
        return name

    def claim(self, queue: str) -> str:
        """The same for a worker of the queue: a free list becomes ours. Raises redis.RedisError."""
        known, until = self._known.get(queue, (queue, 0.0))
        if time.monotonic() < until:
            return known
        name, other = queue, self._held_against_us(queue)
        if other is not None:
            name = own_list(queue, self._epoch())
        if name != known:
            _say(queue, name, other)
        self._known[queue] = name, time.monotonic() + RENEWAL_SECONDS
        return name

    def _held_against_us(self, queue: str) -> Holder | None:
        key, ours = KEY.format(queue=queue), self._ours()
        text = json.dumps(asdict(ours))
        if self._redis.set(key, text, nx=True, px=CLAIM_MILLISECONDS):
            return None
        holder = _holder(self._redis.get(key))
        if holder is not None and not holder.is_the_same_as(ours):
            return holder
        self._redis.set(key, text, px=CLAIM_MILLISECONDS)
        return None

    def _ours(self) -> Holder:
        return Holder(self._epoch(), pid_namespace(), self._kept_at)


def _holder(value: bytes | None) -> Holder | None:
    if value is None:
        return None
    try:
        return Holder(**json.loads(value))
    except (ValueError, TypeError):  # of another version
        return Holder("unknown", "unknown", "unknown")


def _say(queue: str, name: str, other: Holder | None) -> None:
    if other is None:
        log.info("no other Headway serves the queue %s any more; this one does", queue)
        return
    log.warning(
        "another Headway (store %s at %s) serves the queue %s on this Redis: our jobs use a list"
        " of their own, %s. What other programs enqueue in %s goes to that Headway; to run it"
        " here, use another Redis database, as in REDIS_URL=redis://127.0.0.1:6379/1.",
        *(other.epoch, other.kept_at, queue, name, queue),
    )
