"""The lease: a worker's heartbeat in the store, and the deaths of its work-horses.

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
from headway.processes import HOST, pid_namespace, this_process
from headway.settings import Settings
from headway.store import Writer, open_writer, workers
from headway.worker.work_horse_exit import WorkHorseExit

# How long, in milliseconds, a renewal waits for the store; the next one comes soon.
BUSY_MILLISECONDS = 1_000

log = logging.getLogger(__name__)


class Lease:
    """One worker's heartbeat."""

    def __init__(
        self, settings: Settings, name: str, queue: str, *, renewal_seconds: float
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._renewal_seconds = renewal_seconds
        # A work-horse renews the lease too, and it has another pid.
        self._process = this_process()
        self._started_at = now()
        self._renewed = 0.0
        # Since when every write of ours succeeded; 0 after one that did not.
        self._writable_since = 0.0
        # Work-horses whose death is not recorded yet, by their job's id.
        self._unrecorded: dict[str, WorkHorseExit] = {}
        self.name = name

    def renew(self) -> None:
        """Say that this worker lives; trouble with the store is logged, the next one will do."""
        if time.monotonic() - self._renewed < self._renewal_seconds:
            return
        self._renewed = time.monotonic()
        self._write(ended_at=None)
        if self._unrecorded and os.getpid() == self._process.pid:
            self._record_deaths()

    def end(self) -> None:
        """Say that this worker ended as it should; may be called twice."""
        self._write(ended_at=now())

    def record_of(self, job_id: str) -> Record | None:
        """The record of a job that runs here, or None if it cannot be read."""
        with (
            suppress(StoreUnavailable, UnknownJob),
            open_writer(self._settings, busy_milliseconds=BUSY_MILLISECONDS) as store,
        ):
            return store.job(job_id)
        return None

    def could_write_for(self, seconds: float, *, since: float) -> bool:
        """True when every write of this worker, from `since` on, succeeded for so long."""
        begun = max(self._writable_since, since)
        return bool(self._writable_since) and self._renewed - begun > seconds

    def record_death(self, job_id: str, end: WorkHorseExit) -> bool:
        """Record the end of a job whose work-horse is gone; False if the job did so itself.

        If the store is down, retry at every heartbeat: while this worker lives, no other process
        declares its job dead.
        """
        self._unrecorded[job_id] = end
        return job_id in self._record_deaths()

    def cancel(self, job_id: str, by: str) -> bool:
        """Cancel a job that waits; False when it does not, or when the store is away."""
        with suppress(StoreUnavailable, UnknownJob), self._publishing_store() as store:
            return cancel(store, store.job(job_id), by) is not None
        return False

    def _record_deaths(self) -> set[str]:
        recorded = set()
        try:
            with self._publishing_store() as store:
                for job_id, end in list(self._unrecorded.items()):
                    if self._record_one(store, job_id, end):
                        recorded.add(job_id)
                    del self._unrecorded[job_id]
        except StoreUnavailable as error:
            log.warning("%d dead jobs cannot be recorded yet: %s", len(self._unrecorded), error)
        return recorded

    def _record_one(self, store: Writer, job_id: str, end: WorkHorseExit) -> bool:
        with suppress(UnknownJob):
            record = store.job(job_id)
            if record.status == Status.STARTED and record.worker == self.name:
                return _end_killed(store, record, end) is not None
            if end.stopped_by is not None:
                return cancel(store, record, end.stopped_by) is not None
        return False

    @contextmanager
    def _publishing_store(self) -> Iterator[Writer]:
        """A writer whose changes are published. Raises StoreUnavailable."""
        with (
            Publisher(self._settings.redis_url) as publisher,
            open_writer(self._settings, on_commit=publisher.publish) as store,
        ):
            yield store

    def _write(self, ended_at: str | None) -> None:
        try:
            with open_writer(self._settings, busy_milliseconds=BUSY_MILLISECONDS) as store:
                workers.record_heartbeat(
                    store,
                    name=self.name,
                    host=HOST,
                    pid=self._process.pid,
                    place=pid_namespace(),
                    birth=self._process.start_time,
                    queue=self._queue,
                    memory_bytes=_memory_bytes(),
                    started_at=self._started_at,
                    heartbeat_at=now(),
                    ended_at=ended_at,
                )
            self._writable_since = self._writable_since or time.monotonic()
        except StoreUnavailable as error:
            self._writable_since = 0.0
            log.warning("the lease could not be renewed yet: %s", error)


def _end_killed(store: Writer, record: Record, end: WorkHorseExit) -> Record | None:
    by = record.stop_by or end.stopped_by
    if by is not None:
        return end_stopped(store, record, by, end.peak_memory_bytes)
    failure = end.failure()
    noted = store.note(record, failure.message)
    return end_after_crash(store, noted or record, failure, end.peak_memory_bytes)


def _memory_bytes() -> int | None:
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  # no real file
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
