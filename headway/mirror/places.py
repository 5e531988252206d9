"""Where a job can be in RQ, and what changed in one such place since the last look.

A place is a list or a sorted set of ids. A look costs its size, then its newest entries, and all
ids only where these do not explain the new size. None of it is by RQ's own methods: asking a
registry for its size makes RQ clean it up, which fails jobs and runs their callbacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from redis.client import Pipeline

# How many entries at the newest end a look compares, and how many ids a full look reads.
NEWEST = 200
ALL = 10_000

_EXECUTION = re.compile(r":[0-9a-f]{32}$")


class Kind(StrEnum):
    """The kinds of places, by the word in their keys."""

    QUEUE = "queue"
    INTERMEDIATE = "intermediate"
    STARTED = "wip"
    FINISHED = "finished"
    FAILED = "failed"
    DEFERRED = "deferred"
    READY = "ready"
    SCHEDULED = "scheduled"
    CANCELED = "canceled"
    RATE_LIMITED = "rate_limited"
    RQ_SCHEDULER = "rq_scheduler"


LISTS = frozenset({Kind.QUEUE, Kind.INTERMEDIATE})


def job_id_of(entry: bytes) -> str:
    """The job of an entry; since RQ 2.0 a started job's has its execution's id behind it."""
    return _EXECUTION.sub("", entry.decode("utf-8", "replace"))


@dataclass(slots=True, eq=False)
class Place:
    """One place and what was last seen there."""

    kind: Kind
    key: str
    queue: str | None = None
    count: int = 0
    # Ids with their scores; lists have none. And all ids, as far as they were read.
    newest: dict[str, float] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    # Whether its size was asked for, and whether all its ids are known.
    asked: bool = False
    looked: bool = False

    def ask_count(self, pipeline: Pipeline) -> None:
        """One command."""
        if self.kind in LISTS:
            pipeline.llen(self.key)
        else:
            pipeline.zcard(self.key)

    def ask_newest(self, pipeline: Pipeline) -> None:
        """One command."""
        if self.kind in LISTS:
            pipeline.lrange(self.key, -NEWEST, -1)
        else:
            pipeline.zrevrange(self.key, 0, NEWEST - 1, withscores=True)

    def ask_all(self, pipeline: Pipeline) -> None:
        """One command."""
        if self.kind in LISTS:
            pipeline.lrange(self.key, -ALL, -1)
        else:
            pipeline.zrevrange(self.key, 0, ALL - 1)

    def take_newest(self, count: int, entries: Any) -> tuple[set[str], bool]:
        """The ids that came or moved, and whether all must be read to know what else happened."""
        newest = self._scored(entries)
        new = newest.keys() - self.known
        moved = {one for one, score in newest.items() if self.newest.get(one, score) != score}
        explained = count == self.count + len(new)
        self.newest = newest
        if explained:
            self.count, self.known, self.looked = count, self.known | new, True
        return new | moved, not explained

    def take_all(self, count: int, entries: Any) -> set[str]:
        """The ids that came or went; at the first look only the newest, for all of them came."""
        ids = {job_id_of(entry) for entry in entries}
        changed = ids ^ self.known if self.looked else set(self.newest)
        self.count, self.known, self.looked = count, ids, True
        return changed

    def _scored(self, entries: Any) -> dict[str, float]:
        if self.kind in LISTS:
            return {job_id_of(entry): 0.0 for entry in entries}
        return {job_id_of(entry): score for entry, score in entries}
