"""The reconciler: what the store says is queued will run, what it says is started does run.

One process at a time does this, the holder of a lock in Redis; each repair is told to the
watchers and stands in the job's log. A second holder would do no harm: the store refuses what
was done already.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import suppress
from typing import Self

from rq.job import Job

from headway.broker import queues
from headway.broker.troubles import Told, not_alone
from headway.client import Client
from headway.endings import cancel
from headway.errors import StoreUnavailable, UnknownJob, UnknownKind
from headway.maintenance.leader_lock import Lock
from headway.maintenance.requeuer import Strays
from headway.maintenance.rescuer import Lost
from headway.model.record import Failure, Origin, Record, Status, as_time, now
from headway.settings import Settings
from headway.store.reader import CATCH_UP_ROWS

# Seconds between two rounds.
ROUND_SECONDS = 1.0
# Workers not heard of for this long, in seconds, are forgotten.
FORGET_WORKER_SECONDS = 3600.0

# Tombstones older than this, in seconds, are removed, once in so many seconds.
TOMBSTONE_SECONDS = 24 * 3600.0
PURGE_SECONDS = 60.0

# Who cancels what was canceled in RQ.
CANCELED_BY = "RQ's Job.cancel"
# A job of ours that Redis lost cannot be told from one that was deleted there: it is run.
GIVEN_BACK = "Given back to the queue: it was in no list of Redis any more."
FORGOTTEN = (
    "Redis has lost this job, or somebody deleted it there;"
    " the program that enqueued it has to do so again."
)

log = logging.getLogger(__name__)


class Reconciler:
    """Owns its connections for the length of a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._trouble_with = Told(settings.redis_url).trouble_with
        self._purged = -PURGE_SECONDS

    def __enter__(self) -> Self:
        self._client = Client(self._settings)
        self._store = self._client.store
        self._redis = self._client.redis
        self._lost = Lost(self._settings, self._store)
        self._strays = Strays(self._store, self._redis, self._client.claims)
        self._lock = Lock(self._redis, self._store.read_epoch())
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self._client.close()

    def round(self) -> None:
        """One look at everything; what is wrong with one duty is told, and the next ones go on.

        Raises StoreUnavailable.
        """
        # What needs no Redis goes first: a dead worker is dead also while Redis is away.
        with self._trouble_with("looking after started jobs"):
            self._lost.look()
        with self._trouble_with("forgetting old workers"):
            self._store.forget_workers(as_time(time.time() - FORGET_WORKER_SECONDS))
        with self._trouble_with("purging tombstones"):
            self.purge_tombstones()
        held = False
        with self._trouble_with("looking after jobs that wait; until then none is queued again"):
            held = self._lock.hold()
        if held:
            with self._trouble_with("queueing what is due"):
                self.queue_what_is_due()
            with self._trouble_with("giving back what was lost"):
                self.give_back_what_was_lost()

    def queue_what_is_due(self) -> None:
        """Scheduled jobs whose time has come become queued and go to RQ."""
        for record in self._store.due(now()):
            with not_alone(record.id):
                saved = self._store.save(record, status=Status.QUEUED, run_at=None)
                if saved is not None:
                    self._hand_on(saved)

    def give_back_what_was_lost(self) -> None:
        """Queued jobs that are in no list of RQ's go back there."""
        for job_id in self._strays.found():
            with not_alone(job_id):
                record = self._still_queued(job_id)
                if record is not None:
                    self._give_back(record)

    def purge_tombstones(self) -> None:
        """Records that were deleted long ago are removed, a few at a time."""
        if time.monotonic() - self._purged >= PURGE_SECONDS:
            before = as_time(time.time() - TOMBSTONE_SECONDS)
            self._store.purge_tombstones(before, newest=CATCH_UP_ROWS)
            self._purged = time.monotonic()

    def _still_queued(self, job_id: str) -> Record | None:
        # A worker may have taken it between our look at the store and our look at Redis.
        with suppress(UnknownJob):
            record = self._store.job(job_id)
            return record if record.status == Status.QUEUED else None
        return None

    def _give_back(self, record: Record) -> None:
        # When another Headway began, or ended, to serve the queue here, our jobs change lists.
        moves = self._client.waits_elsewhere(record)
        if not moves and queues.is_canceled(self._redis, record):
            cancel(self._store, record, CANCELED_BY)
        elif self._hand_on(record) and not moves:
            self._store.note(record, GIVEN_BACK)

    def _hand_on(self, record: Record) -> bool:
        if record.origin == Origin.APPLICATION:  # RQ alone knows what is to be run
            if not Job.exists(record.id, self._redis):
                self._end_forgotten(record)
            return False
        try:
            return self._client.hand_on(record, anew=True)
        except UnknownKind:  # a kind whose file is gone may be back one day
            return False

    def _end_forgotten(self, record: Record) -> None:
        # What RQ kept was all that there was of it.
        failure = Failure("RedisLost", FORGOTTEN)
        self._store.save(record, claim=True, status=Status.FAILED, error=failure, ended_at=now())


def reconcile_once(settings: Settings) -> None:
    """One round, for a worker that runs in burst."""
    with Reconciler(settings) as reconciler:
        reconciler.round()


def reconcile_forever(settings: Settings) -> None:
    """Rounds until SIGTERM; the store or Redis being away only delays them."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with Reconciler(settings) as reconciler:
        while not over.wait(ROUND_SECONDS):
            try:
                reconciler.round()
            except StoreUnavailable as error:
                log.warning("the reconciler waits for the store: %s", error)
