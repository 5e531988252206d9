"""Looks at all places of an RQ application: which jobs may have changed, and a piece of the rest.

One look a second shows a job's change within the second. While nothing is written to Redis, it is
one command and a few more in turn. What leaves no trace in a place's size or newest entries comes
with the pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
from redis.client import Pipeline

from headway.mirror.jobs import JobReader
from headway.mirror.keys import PREFIX, Keys
from headway.mirror.places import Kind, Place
from headway.mirror.redis_replies import answers
from headway.mirror.rq_job import RqJob
from headway.mirror.sorted_hashes import SortedHashes

# How many commands a look sends while jobs come and go, unless there are so many queues that the
# few for each are more; and how many of them compare places that kept their size.
COMMANDS = 40
SAME_SIZE = 4
# What Redis says of how much was written to it, for whatever keys.
WRITTEN = "rdb_changes_since_last_save"
# Most of what a look names: changed jobs, running ones for their progress, jobs of the backlog.
CHANGED = 1_000
RUNNING = 10
MAX_WORKERS = 1_000
PIECE = 250

# Each look has these of every queue, for each job that runs passes them.
_PASSED = frozenset({Kind.QUEUE, Kind.STARTED})
_REGISTRIES = (
    Kind.STARTED,
    Kind.FINISHED,
    Kind.FAILED,
    Kind.DEFERRED,
    Kind.READY,
    Kind.SCHEDULED,
    Kind.CANCELED,
)
# A job comes to these without a worker that would tell.
_WITHOUT_WORKER = frozenset({Kind.SCHEDULED, Kind.DEFERRED, Kind.RATE_LIMITED, Kind.RQ_SCHEDULER})
# What is here is on its way.
_NO_BACKLOG = frozenset({Kind.STARTED, Kind.INTERMEDIATE, Kind.READY})

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found."""

    # Jobs that came, went or moved, and some that run: to be read whole.
    changed: tuple[str, ...]
    # A piece of the backlog, without large fields and results.
    older: tuple[RqJob, ...]
    # How many jobs are where, by queue; what belongs to no queue is under "".
    counts: Mapping[str, Mapping[Kind, int]]
    # How many commands it sent.
    commands: int


@dataclass(frozen=True, slots=True)
class _Told:
    """What each worker runs and how many jobs it has ended; None where Redis does not say."""

    running: frozenset[tuple[bytes, bytes]] | None = None
    ended: frozenset[tuple[bytes | None, ...]] | None = None


class Registries:
    """All places behind one prefix, and what was last seen there; for one thread."""

    def __init__(self, connection: redis.Redis, prefix: str = PREFIX) -> None:
        self._connection = connection
        self._keys = Keys(prefix)
        self._places: dict[str, Place] = {}
        self._rounds = 0
        # What is to be named; a dict, for its order.
        self._changed: dict[str, None] = {}
        # Where the next piece of the backlog begins.
        self._backlog: Place | None = None
        self._start = 0
        self._told = _Told()
        self._written: int | None = None
        self._commands = 0
        self._sorted = SortedHashes(connection)
        self.jobs = JobReader(connection, self._keys)

    def look(self) -> Look:
        """Look once. Raises redis.RedisError; what this look missed, the next one finds."""
        self._rounds += 1
        self._commands = 0
        if self._was_written():
            self._find_places()
            due = self._due()
        else:
            due = _in_turn(list(self._places.values()), self._rounds, SAME_SIZE)
        counts = self._ask(Place.ask_count, due)
        for place in counts:
            place.asked = True
        unexplained = []
        for place, entries in self._ask(Place.ask_newest, self._to_compare(counts)).items():
            changed, more = place.take_newest(counts[place], entries)
            self._changed |= dict.fromkeys(changed)
            if more:
                unexplained.append(place)
        for place, entries in self._ask(Place.ask_all, unexplained).items():
            self._changed |= dict.fromkeys(place.take_all(counts[place], entries))
        older = tuple(self._next_piece())
        return Look(self._next_changed(), older, self._counts(), self._commands)

    def _was_written(self) -> bool:
        """False where Redis says that nothing was written since the last look."""
        before, self._written = self._written, None
        self._commands += 1
        with suppress(redis.ResponseError):  # its access list may refuse it
            self._written = self._connection.info("persistence").get(WRITTEN)
        return self._written is None or self._written != before

    def _find_places(self) -> None:
        self._commands += 2
        with self._connection.pipeline(transaction=False) as pipeline:
            pipeline.smembers(self._keys.queues)
            pipeline.smembers(self._keys.rate_limits)
            queues, limits = pipeline.execute()
        found = self._all_places(_names(queues), _names(limits))
        self._places = {place.key: self._places.get(place.key, place) for place in found}

    def _all_places(self, queues: list[str], limits: list[str]) -> Iterator[Place]:
        for name in (key.removeprefix(self._keys.queue("")) for key in queues):
            yield Place(Kind.QUEUE, self._keys.queue(name), name)
            yield Place(Kind.INTERMEDIATE, self._keys.intermediate(name), name)
            for kind in _REGISTRIES:
                yield Place(kind, self._keys.registry(kind, name), name)
        for name in limits:
            yield Place(Kind.RATE_LIMITED, self._keys.rate_limited(name))
        yield Place(Kind.RQ_SCHEDULER, self._keys.rq_scheduler)

    def _due(self) -> list[Place]:
        """The places to ask for their size: all when a job ended, a queue's while it runs one."""
        places = list(self._places.values())
        before, self._told = self._told, self._told_by_workers()
        if self._told.ended != before.ended:
            return places
        # A job begins with its worker saying so.
        begins = self._told.running is None or self._told.running != before.running
        passed = _PASSED if begins else _PASSED - {Kind.STARTED}
        active = {place.queue for place in places if place.kind is Kind.STARTED and place.count}
        first = [
            one for one in places if one.kind in passed or one.queue in active or not one.asked
        ]
        known = set(first)
        quiet = [one for one in places if one not in known]
        left = COMMANDS - SAME_SIZE - len(first) - sum(one.count > 0 for one in first)
        sooner = [one for one in quiet if one.kind in _WITHOUT_WORKER]
        later = [one for one in quiet if one.kind not in _WITHOUT_WORKER]
        first += _in_turn(sooner, self._rounds, max(SAME_SIZE, left - SAME_SIZE))
        return first + _in_turn(later, self._rounds, max(SAME_SIZE, left - len(sooner)))

    def _told_by_workers(self) -> _Told:
        fields = ("current_job", "successful_job_count", "failed_job_count")
        self._commands += 1
        rows = self._sorted.rows(self._keys.workers, "*", fields, 0, MAX_WORKERS)
        if rows is None:
            return _Told()
        running = frozenset((name, job) for name, (job, *_) in rows if job)
        return _Told(running, frozenset((name, *counts) for name, (_, *counts) in rows))

    def _to_compare(self, counts: Mapping[Place, int]) -> list[Place]:
        """Those whose size changed, and of the others those where as many may come as go."""
        other_size = [place for place, count in counts.items() if count != place.count]
        same = [place for place, count in counts.items() if count and count == place.count]
        passed = [place for place in same if place.kind in _PASSED]
        rest = [place for place in same if place.kind not in _PASSED]
        return other_size + passed + _in_turn(rest, self._rounds, SAME_SIZE)

    def _ask(self, ask: Callable[[Place, Pipeline], None], places: list[Place]) -> dict[Place, Any]:
        """What each place answers, if it is one."""
        self._commands += len(places)
        with self._connection.pipeline(transaction=False) as pipeline:
            for place in places:
                ask(place, pipeline)
            found = zip(places, answers(pipeline), strict=True)
        return {place: answer for place, answer in found if answer is not None}

    def _next_changed(self) -> tuple[str, ...]:
        places = self._places.values()
        running = sorted({one for p in places if p.kind is Kind.STARTED for one in p.known})
        self._changed |= dict.fromkeys(_in_turn(running, self._rounds, RUNNING))
        named = tuple(self._changed)[:CHANGED]
        for one in named:
            del self._changed[one]
        return named

    def _next_piece(self) -> list[RqJob]:
        place = self._backlog
        if place is None or self._start >= place.count:
            place = self._backlog = self._next_with_backlog()
            self._start = 0
        if place is None:
            return []
        self._commands += 1
        jobs, self._start = self.jobs.piece(place, self._start, PIECE)
        return jobs

    def _next_with_backlog(self) -> Place | None:
        full = [p for p in self._places.values() if p.count and p.kind not in _NO_BACKLOG]
        after = full.index(self._backlog) + 1 if self._backlog in full else 0
        return full[after % len(full)] if full else None

    def _counts(self) -> dict[str, dict[Kind, int]]:
        counts: dict[str, dict[Kind, int]] = {}
        for place in self._places.values():
            of_queue = counts.setdefault(place.queue or "", {})
            of_queue[place.kind] = of_queue.get(place.kind, 0) + place.count
        return counts


def _names(members: Iterable[bytes]) -> list[str]:
    return sorted(member.decode("utf-8", "replace") for member in members)


def _in_turn(items: Sequence[_Item], round_: int, size: int) -> list[_Item]:
    """So many of the items, with each round the next ones."""
    if len(items) <= size:
        return list(items)
    start = round_ * size % len(items)
    return [*items[start:], *items[:start]][:size]
