"""Strays: queued jobs that are in no list of RQ, found a stretch of the queue at a time.

It changes nothing; the reconciler gives back what is found here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from headway.broker import queues
from headway.broker.claims import Claims
from headway.model.record import as_time
from headway.store import Writer
from headway.store.sweeps import NOBODY, Waiting

# A queued job that RQ does not know is given back after this long, in seconds; a submit needs
# a few milliseconds between the store and RQ.
LOST_SECONDS = 3.0
# A job may be on its way from RQ's list to a work-horse for this long, in seconds.
IN_BETWEEN_SECONDS = 10.0
# A look takes about this long at most, in seconds, and the next one goes on from there: a queue
# of any length is gone through, and whoever waits behind the others is found too.
LOOK_SECONDS = 0.25


class Strays:
    """Remembers where the last look ended, and which jobs were seen on their way."""

    def __init__(self, store: Writer, connection: Any, claims: Claims) -> None:
        self._store = store
        self._claims = claims
        self._redis = connection
        self._last: Waiting = NOBODY
        # When a job was first seen between RQ's list and a work-horse, by its id and queue.
        self._in_between: dict[tuple[str, str], float] = {}

    def found(self) -> Iterator[str]:
        """Ids of strays among the jobs that come next. Raises StoreUnavailable, redis.RedisError.

        A worker may have taken one meanwhile: whoever gives it back looks at its record again.
        """
        over = time.monotonic() + LOOK_SECONDS
        before = as_time(time.time() - LOST_SECONDS)
        listed: dict[str, tuple[set[str], set[str]]] = {}
        while stretch := self._store.waiting(before, self._last):
            self._last = stretch[-1]
            for job in stretch:
                if job.queue not in listed:
                    listed[job.queue] = self._listed(job.queue)
                waiting, in_between = listed[job.queue]
                if job.id not in waiting and not self._is_on_its_way(job, in_between):
                    yield job.id
            if time.monotonic() > over:
                return
        self._last = NOBODY

    def _listed(self, queue: str) -> tuple[set[str], set[str]]:
        waiting, in_between = queues.listed(self._redis, self._claims.list_of(queue))
        for job_id, of_queue in list(self._in_between):
            if of_queue == queue and job_id not in in_between:
                del self._in_between[job_id, of_queue]
        return waiting, in_between

    def _is_on_its_way(self, job: Waiting, in_between: set[str]) -> bool:
        if job.id not in in_between:
            return False
        first = self._in_between.setdefault((job.id, job.queue), time.monotonic())
        return time.monotonic() - first < IN_BETWEEN_SECONDS
