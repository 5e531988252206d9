"""The reconciler: what the store says is queued will run, what it says is started does run.

Each process may rescue the jobs of dead workers. Only the holder of a lock in Redis queues jobs;
a second holder would do no harm, for the store refuses what is already done.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Self

from headway.broker.redis_troubles import TroubleLog
from headway.client import Client
from headway.errors import StoreUnavailable
from headway.maintenance.dead_workers import Rescuer
from headway.maintenance.leader_lock import LeaderLock
from headway.maintenance.mirror import Mirror
from headway.maintenance.requeuer import Requeuer
from headway.maintenance.scheduler import Scheduler
from headway.model.record import as_time
from headway.settings import Settings
from headway.store import sweeps, workers
from headway.store.reader import CATCH_UP_ROWS

# Seconds between two rounds.
ROUND_SECONDS = 1.0
# Workers not heard of for this long, in seconds, are forgotten.
FORGET_WORKER_SECONDS = 3600.0

LEADING = "looking after jobs that wait; until then none is queued again"

# Tombstones older than this, in seconds, are removed, once in so many seconds.
TOMBSTONE_SECONDS = 24 * 3600.0
PURGE_SECONDS = 60.0

log = logging.getLogger(__name__)


class Reconciler:
    """Owns its connections for the length of a `with`.

    Of the `newest` changes, the tombstones stay.
    """

    def __init__(
        self, settings: Settings, *, newest: int = CATCH_UP_ROWS, queues: bool = True
    ) -> None:
        """Without `queues`, as beside the web, it looks and records, and gives RQ nothing to do."""
        self._settings = settings
        self._queues = queues
        self._newest = newest
        self._log_and_continue = TroubleLog(settings.redis_url).log_and_continue
        self._purged = -PURGE_SECONDS

    def __enter__(self) -> Self:
        self._client = Client(self._settings)
        self._client.open()
        self._store = self._client.store
        self._rescuer = Rescuer(self._settings, self._store)
        self._requeuer = Requeuer(self._client)
        self._scheduler = Scheduler(self._client.redis)
        epoch = self._store.read_epoch()
        self._lock = LeaderLock(self._client.redis, epoch)
        self._mirror = Mirror(self._store, self._client.redis, self._settings.redis_url)
        self._mirrors = LeaderLock(self._client.redis, epoch, "mirror")
        return self

    def __exit__(self, *_: object) -> None:
        self._scheduler.close()
        self._mirrors.release()
        self._lock.release()
        self._client.close()

    def round(self) -> None:
        """Do each duty once; a trouble with one is logged, and the next ones go on.

        Raises StoreUnavailable.
        """
        # What needs no Redis goes first: a dead worker is dead also while Redis is away.
        with self._log_and_continue("looking after started jobs"):
            self._rescuer.rescue()
        with self._log_and_continue("forgetting old workers"):
            workers.forget_workers(self._store, as_time(time.time() - FORGET_WORKER_SECONDS))
        with self._log_and_continue("purging tombstones"):
            self._purge_tombstones()
        with self._log_and_continue("following what RQ has"):
            if self._settings.mirror and self._mirrors.hold():
                self._mirror.round()
        is_leader = False
        with self._log_and_continue(LEADING):
            is_leader = self._queues and self._lock.hold()
        if is_leader:
            with self._log_and_continue("queueing what is due"):
                self._requeuer.queue_due()
            with self._log_and_continue("giving back what was lost"):
                self._requeuer.requeue_lost()
            with self._log_and_continue("queueing what RQ has scheduled"):
                self._scheduler.round()

    def _purge_tombstones(self) -> None:
        if time.monotonic() - self._purged >= PURGE_SECONDS:
            before = as_time(time.time() - TOMBSTONE_SECONDS)
            sweeps.purge_tombstones(self._store, before, newest=self._newest)
            self._purged = time.monotonic()


def reconcile_once(settings: Settings) -> None:
    """Do one round, for a worker that runs in burst."""
    with Reconciler(settings) as reconciler:
        reconciler.round()


def reconcile_forever(settings: Settings) -> None:
    """Do rounds until SIGTERM; a store or a Redis that is away only delays them."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    reconcile_until(over, settings)


def reconcile_until(over: threading.Event, settings: Settings, *, queues: bool = True) -> None:
    """Do rounds until `over` is set."""
    with Reconciler(settings, queues=queues) as reconciler:
        while not over.wait(ROUND_SECONDS):
            try:
                reconciler.round()
            except StoreUnavailable as error:
                log.warning("the reconciler waits for the store: %s", error)
