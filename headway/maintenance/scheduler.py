"""The scheduler: jobs that applications gave RQ for later are queued when their time comes.

RQ's own does it, under its locks: another scheduler of the application's keeps the queues it has.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

import redis
from rq import Queue
from rq.scheduler import RQScheduler

from headway.mirror.rq_actions import Unread

# RQ keeps its locks for a minute; they are renewed this often, in seconds.
RENEWAL_SECONDS = 20.0


class Scheduler:
    """One Headway's hand on RQ's scheduler; calls of `round` follow one another."""

    def __init__(self, connection: Any) -> None:
        self._redis = connection
        self._names: frozenset[str] = frozenset()
        self._rqs: RQScheduler | None = None
        self._renewed = -RENEWAL_SECONDS

    def round(self) -> None:
        """Queue what is due, in every queue that no other scheduler serves.

        Raises redis.RedisError.
        """
        names = frozenset(queue.name for queue in Queue.all(connection=self._redis))
        if names != self._names:
            self.close()
            self._names = names
        if not names:
            return
        if self._rqs is None:
            self._rqs = RQScheduler(
                sorted(names),
                connection=self._redis,
                logging_level=logging.WARNING,
                serializer=Unread,
            )
            if hasattr(self._rqs, "register_birth"):  # of RQ 3
                self._rqs.register_birth()
        if time.monotonic() - self._renewed >= RENEWAL_SECONDS:
            self._rqs.heartbeat()  # type: ignore[no-untyped-call]  # untyped in RQ
            self._rqs.acquire_locks()  # type: ignore[no-untyped-call]
            self._renewed = time.monotonic()
        self._rqs.enqueue_scheduled_jobs()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Let another scheduler go on; may be called twice."""
        if self._rqs is not None:
            with suppress(redis.RedisError):
                if self._rqs.acquired_locks:
                    self._rqs.release_locks()  # type: ignore[no-untyped-call]
                if hasattr(self._rqs, "register_death"):
                    self._rqs.register_death()
            self._rqs = None
            self._renewed = -RENEWAL_SECONDS
