"""The lease: a worker process says in the store that it lives, and buries its dead.

The store is opened for each write and closed again, for a worker forks between them.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from headway.broker.changes import Publisher
from headway.endings import cancel, end_after_crash, end_stopped
from headway.errors import StoreUnavailable, UnknownJob
from headway.model.record import Record, Status, now
from headway.processes import HOST, birth_of, place
from headway.settings import Settings
from headway.store import Writer, open_writer
from headway.worker.death import HorseExit

# A lease is not renewed more often than this, in seconds.
RENEWAL_SECONDS = 3.0
# How long, in milliseconds, a renewal waits for the store; the next one comes soon.
BUSY_MILLISECONDS = 1_000

log = logging.getLogger(__name__)


class Lease:
    """One worker process' sign of life."""

    def __init__(self, settings: Settings, name: str, queue: str) -> None:
        self._settings = settings
        self._queue = queue
        # A work-horse renews the lease too, and it has another pid.
        self._pid = os.getpid()
        self._birth = birth_of(self._pid)
        self._started_at = now()
        self._renewed = 0.0
        # Since when every write of ours was taken; 0 after one that was not.
        self._heard_since = 0.0
        # Work-horses whose death could not be recorded yet, by their job's id.
        self._unburied: dict[str, HorseExit] = {}
        self.name = name

    def renew(self) -> None:
        """Say that this worker lives; trouble with the store is logged, the next one will do."""
        if time.monotonic() - self._renewed < RENEWAL_SECONDS:
            return
        self._renewed = time.monotonic()
        self._write(ended_at=None)
        if self._unburied and os.getpid() == self._pid:
            self._bury_all()

    def end(self) -> None:
        """Say that this worker went in peace; may be called twice."""
        self._write(ended_at=now())

    def record_of(self, job_id: str) -> Record | None:
        """The record of a job that runs here, or None where it cannot be had."""
        with (
            suppress(StoreUnavailable, UnknownJob),
            open_writer(self._settings, busy_milliseconds=BUSY_MILLISECONDS) as store,
        ):
            return store.job(job_id)
        return None

    def was_heard_for(self, seconds: float, *, since: float) -> bool:
        """True when the store took all that this worker wrote, from `since` on, for so long."""
        begun = max(self._heard_since, since)
        return bool(self._heard_since) and self._renewed - begun > seconds

    def bury(self, job_id: str, death: HorseExit) -> bool:
        """Record the end of a job whose work-horse is gone; False if the job told its own end.

        What the store does not take now, it is offered with each renewal: while this worker lives,
        nobody else would take its job for dead.
        """
        self._unburied[job_id] = death
        return job_id in self._bury_all()

    def cancel(self, job_id: str, by: str) -> bool:
        """Cancel a job that waits; False when it does not, or when the store is away."""
        with suppress(StoreUnavailable, UnknownJob), self._telling_store() as store:
            return cancel(store, store.job(job_id), by) is not None
        return False

    def _bury_all(self) -> set[str]:
        buried = set()
        try:
            with self._telling_store() as store:
                for job_id, death in list(self._unburied.items()):
                    if self._bury_one(store, job_id, death):
                        buried.add(job_id)
                    del self._unburied[job_id]
        except StoreUnavailable as error:
            log.warning("%d dead jobs cannot be recorded yet: %s", len(self._unburied), error)
        return buried

    def _bury_one(self, store: Writer, job_id: str, death: HorseExit) -> bool:
        with suppress(UnknownJob):
            record = store.job(job_id)
            if record.status == Status.STARTED and record.worker == self.name:
                return _end_killed(store, record, death) is not None
            if death.stopped_by is not None:
                return cancel(store, record, death.stopped_by) is not None
        return False

    @contextmanager
    def _telling_store(self) -> Iterator[Writer]:
        """A writer whose changes are published. Raises StoreUnavailable."""
        with (
            Publisher(self._settings.redis_url) as publisher,
            open_writer(self._settings, on_commit=publisher.publish) as store,
        ):
            yield store

    def _write(self, ended_at: str | None) -> None:
        try:
            with open_writer(self._settings, busy_milliseconds=BUSY_MILLISECONDS) as store:
                store.beat(
                    name=self.name,
                    host=HOST,
                    pid=self._pid,
                    place=place(),
                    birth=self._birth,
                    queue=self._queue,
                    memory_bytes=_memory_bytes(),
                    started_at=self._started_at,
                    heartbeat_at=now(),
                    ended_at=ended_at,
                )
            self._heard_since = self._heard_since or time.monotonic()
        except StoreUnavailable as error:
            self._heard_since = 0.0
            log.warning("the lease could not be renewed yet: %s", error)


def _end_killed(store: Writer, record: Record, death: HorseExit) -> Record | None:
    by = record.stop_by or death.stopped_by
    if by is not None:
        return end_stopped(store, record, by, death.peak_memory_bytes)
    failure = death.failure()
    noted = store.note(record, failure.message)
    return end_after_crash(store, noted or record, failure, death.peak_memory_bytes)


def _memory_bytes() -> int | None:
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  # no real file
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
