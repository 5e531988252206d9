"""Submitting: the record first, then RQ. A job that is in the store will run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import redis

from headway.broker import queues
from headway.broker.changes import Publisher
from headway.broker.claims import Claims, own_list
from headway.broker.connection import connect
from headway.broker.troubles import Told
from headway.errors import BadParameters, Conflict
from headway.kinds.kind import Validated
from headway.kinds.registry import find
from headway.model.record import Origin, Record, Status, as_time, new_id, now
from headway.once import Once
from headway.settings import Settings
from headway.store import Writer

# Longest wait that can be asked for, in seconds: a year.
LONGEST_DELAY_SECONDS = 366 * 24 * 3600
# After a failure, seconds in which submits do not try Redis, so that each is answered at once.
PAUSE_SECONDS = 1.0
HANDING_ON = "handing jobs on to the workers; until then they wait in the store"


def new_record(
    kind_name: str, params: Any, *, owner: str | None = None, run_at: float | None = None
) -> Record:
    """A record for a job of a kind, due at `run_at` (seconds since 1970) or at once.

    Raises UnknownKind, BadParameters.
    """
    return record_of(find(kind_name).validated(params), owner=owner, run_at=run_at)


def record_of(
    validated: Validated, *, owner: str | None = None, run_at: float | None = None
) -> Record:
    """The same, for parameters that were validated. Raises BadParameters."""
    kind = validated.kind
    later = run_at is not None and run_at > time.time()
    if later and run_at is not None and run_at > time.time() + LONGEST_DELAY_SECONDS:
        raise BadParameters({"run_at": "is more than a year away"})
    created = now()
    return Record(
        id=new_id(),
        kind=kind.name,
        queue=kind.queue,
        owner=owner,
        title=kind.title_of(validated.model),
        status=Status.SCHEDULED if later else Status.QUEUED,
        seq=0,
        attempt=1,
        max_attempts=kind.max_attempts,
        params=validated.params,
        arguments=validated.arguments,
        created_at=created,
        updated_at=created,
        run_at=as_time(run_at) if later and run_at is not None else None,
    )


class Dispatcher:
    """Saves records, publishes their changes and hands the jobs to RQ. One thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._publisher = Publisher(settings.redis_url)
        self.store = Writer(settings, on_commit=self._publisher.publish)
        self.redis = connect(settings.redis_url)
        self._closed_until = 0.0
        self.claims = Claims(self.redis, settings, self._epoch)
        self._told = Told(settings.redis_url)

    def submit(
        self,
        record: Record,
        *,
        once: Once | None = None,
        upload: str | None = None,
        also: Callable[[Writer], None] | None = None,
    ) -> Record:
        """Keep a new job, and hand it on if it is due.

        The request `once` a second time gives back the first one's job, whatever became of it.
        The `upload` it took in is the job's from now on. `also` writes what belongs to the job,
        in the same transaction.
        Raises StoreUnavailable, and Conflict for a key of something else; then nothing was kept.
        """
        saved = self.store.create(record, once=once, upload=upload, also=also)
        if saved is None:
            known = self.store.job_of_key(once.key) if once else None
            if once is None or known is None or not once.is_answered_by(*known):
                raise Conflict("This key, or this id, was used for something else; take a new one.")
            return known[0]
        self.hand_on(saved)
        return saved

    def hand_on(self, record: Record, *, anew: bool = False) -> bool:
        """Give a queued job to RQ, `anew` when RQ may know it already.

        False where Redis is away: the reconciler will do it; and for an application's job, which
        is RQ's to run. Raises UnknownKind.
        """
        ours = record.origin == Origin.HEADWAY
        if not ours or record.status != Status.QUEUED or time.monotonic() < self._closed_until:
            return False
        seconds = self.settings.job_timeout_seconds
        find(record.kind)
        try:
            if anew:
                self.forget(record)
            name, store = self.claims.list_of(record.queue), self._epoch()
            queues.enqueue(self.redis, record, seconds, name=name, store=store)
        except redis.RedisError as error:
            self._closed_until = time.monotonic() + PAUSE_SECONDS
            self._told.tell_redis(HANDING_ON, error)
            return False
        self._told.clear(HANDING_ON)
        return True

    def waits_elsewhere(self, record: Record) -> bool:
        """True for a job in that list of its queue that ours do not go by now.

        Raises redis.RedisError.
        """
        lists = {record.queue, own_list(record.queue, self._epoch())}
        others = lists - {self.claims.list_of(record.queue)}
        return any(queues.waits_in(self.redis, name, record.id) for name in others)

    def forget(self, record: Record) -> None:
        """Remove every trace of a job from RQ. Raises redis.RedisError."""
        queues.forget(self.redis, record, own_list(record.queue, self._epoch()))

    def close(self) -> None:
        """Let go of everything; may be called twice."""
        self.redis.close()
        self._publisher.close()
        self.store.close()

    def _epoch(self) -> str:
        return self.store.epoch or self.store.read_epoch()
