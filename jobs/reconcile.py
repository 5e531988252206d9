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
from dataclasses import replace
from typing import Self

import redis

from jobs import processes
from jobs.changes import Publisher
from jobs.endings import end_dead
from jobs.errors import StoreUnavailable, UnknownJob, UnknownKind
from jobs.lock import Lock
from jobs.records import Failure, Record, Status, as_time, now
from jobs.settings import Settings
from jobs.signs import Signs
from jobs.store import Writer
from jobs.store.reader import CATCH_UP_ROWS
from jobs.store.sweeps import Running
from jobs.strays import Strays
from jobs.submit import Dispatcher

# Seconds between two rounds.
ROUND_SECONDS = 1.0
# After its lease a worker counts as stalled; after this many seconds more it is given up.
GRACE_SECONDS = 4.0
# A living worker has told how its job's process ended by then, in seconds; it tries at each look.
UNTOLD_SECONDS = 15.0
# Workers not heard of for this long, in seconds, are forgotten.
FORGET_WORKER_SECONDS = 3600.0

# Tombstones older than this, in seconds, are removed, once in so many seconds.
TOMBSTONE_SECONDS = 24 * 3600.0
PURGE_SECONDS = 60.0

log = logging.getLogger(__name__)


class Reconciler:
    """Owns its connections for the length of a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Silence is judged from this moment on, in seconds since 1970; see `_note_absence`.
        self._judging_from = 0.0
        self._round_at = time.time()
        self._signs = Signs()
        self._purged = -PURGE_SECONDS
        # When a started job was first seen without its process, by its id and attempt.
        self._untold: dict[tuple[str, int], float] = {}

    def __enter__(self) -> Self:
        self._store = Writer(self._settings)
        publisher = Publisher(self._settings.redis_url)
        self._dispatcher = Dispatcher(self._settings, self._store, publisher)
        self._redis = self._dispatcher.redis
        self._strays = Strays(self._store, self._redis)
        self._lock = Lock(self._redis, self._store.read_epoch())
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self._dispatcher.close()

    def round(self) -> None:
        """One look at everything. Raises StoreUnavailable, redis.RedisError."""
        # What needs no Redis goes first: a dead worker is dead also while Redis is away.
        self._store.forget_workers(as_time(time.time() - FORGET_WORKER_SECONDS))
        self._note_absence()
        self.end_gone()
        if time.time() >= self._judging_from:
            self.mark_and_end_silent()
        if not self._lock.hold():
            return
        self.queue_what_is_due()
        self.give_back_what_was_lost()
        self.purge_tombstones()

    def _note_absence(self) -> None:
        # When this process, the machine or the store was away, so were the workers' signs of
        # life: each of them gets the time of a lease to be heard again before it is judged.
        moment = time.time()
        if moment - self._round_at > self._settings.lease_seconds / 2:
            self._judging_from = moment + self._settings.lease_seconds
        self._round_at = moment

    def queue_what_is_due(self) -> None:
        """Scheduled jobs whose time has come become queued and go to RQ."""
        for record in self._store.due(now()):
            queued = replace(record, status=Status.QUEUED, run_at=None)
            saved = self._store.save(queued, frozenset({"status", "run_at"}))
            if saved is not None:
                self._dispatcher.tell(saved)
                self._hand_on(saved)

    def give_back_what_was_lost(self) -> None:
        """Queued jobs that are in no list of RQ's go back there."""
        for job_id in self._strays.found():
            record = self._still_queued(job_id)
            if record is not None and self._hand_on(record):
                self._note(record, "Given back to the queue: Redis had lost it.")

    def purge_tombstones(self) -> None:
        """Records that were deleted long ago are removed, a few at a time."""
        if time.monotonic() - self._purged >= PURGE_SECONDS:
            self._purged = time.monotonic()
            before = as_time(time.time() - TOMBSTONE_SECONDS)
            self._store.purge_tombstones(before, newest=CATCH_UP_ROWS)

    def end_gone(self) -> None:
        """Started jobs whose worker's process, or their own, is not there any more are over."""
        seen, self._untold = self._untold, {}
        for running in self._store.running_at(processes.place()):
            if running.pid and processes.is_gone(running.pid, running.birth):
                self._end_remains(running)
                self._give_up(running, "its process is gone")
            elif running.own_pid and processes.is_gone(running.own_pid, running.own_birth):
                attempt = (running.record.id, running.record.attempt)
                first = self._untold[attempt] = seen.get(attempt, time.monotonic())
                if time.monotonic() - first > UNTOLD_SECONDS:
                    self._end_remains(running)
                    self._give_up(running, "it never told how the job's process ended")

    def mark_and_end_silent(self) -> None:
        """Started jobs whose worker is silent are stalled, until it is heard again or given up."""
        lease = self._settings.lease_seconds
        self._signs.listen(self._store.signs())
        for running in self._store.heard_again(as_time(time.time() - lease)):
            self._save(replace(running.record, stalled=False), frozenset({"stalled"}))
        for running in self._silent(lease):
            if not running.record.stalled:
                self._save(replace(running.record, stalled=True), frozenset({"stalled"}))
        given_up = lease + GRACE_SECONDS
        for running in self._silent(given_up):
            self._fence(running)
            self._give_up(running, f"it was not heard of for {given_up:.0f} s")

    def _silent(self, seconds: float) -> list[Running]:
        silent = self._store.silent(as_time(time.time() - seconds))
        return [
            each for each in silent if not self._signs.heard_within(each.record.worker, seconds)
        ]

    def _fence(self, running: Running) -> None:
        # A worker that only seems dead must not finish a job that was given to another.
        if running.place == processes.place() and running.pid:
            processes.end(running.pid, running.birth)
            self._end_remains(running)

    def _end_remains(self, running: Running) -> None:
        # What the job itself started would go on working for a job that is over.
        if running.own_pid:
            processes.end_group(running.own_pid, running.own_birth)

    def _give_up(self, running: Running, why: str) -> None:
        failure = Failure("WorkerLost", f"Worker lost: {running.record.worker}, {why}.")
        noted = self._note(running.record, failure.message) or running.record
        saved = end_dead(self._store, noted, failure)
        if saved is not None:
            log.warning("job %s: %s", saved.id, failure.message)
            self._dispatcher.tell(saved)

    def _still_queued(self, job_id: str) -> Record | None:
        # A worker may have taken it between our look at the store and our look at Redis.
        with suppress(UnknownJob):
            record = self._store.job(job_id)
            return record if record.status == Status.QUEUED else None
        return None

    def _hand_on(self, record: Record) -> bool:
        try:
            return self._dispatcher.hand_on(record, anew=True)
        except UnknownKind:
            # Another program's job, or a kind whose file is gone: not ours to run.
            return False

    def _note(self, record: Record, text: str) -> Record | None:
        saved = self._store.note(record, text)
        if saved is not None:
            self._dispatcher.tell(saved)
        return saved

    def _save(self, record: Record, changed: frozenset[str]) -> None:
        saved = self._store.save(record, changed)
        if saved is not None:
            self._dispatcher.tell(saved)


def reconcile_once(settings: Settings) -> None:
    """One round, for a worker that runs in burst."""
    with Reconciler(settings) as reconciler, suppress(redis.RedisError):
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
            except redis.RedisError as error:
                log.debug("the reconciler waits for Redis: %s", error)
