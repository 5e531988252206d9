"""The lease: a worker's heartbeat in the store, and the deaths of its work-horses.

The store is opened for each write and closed again, for a worker forks between them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from headway.broker.changes import Publisher
from headway.errors import StoreUnavailable, UnknownJob
from headway.model.record import Record, Status
from headway.retry_policy import cancel, end_after_crash, end_stopped
from headway.settings import Settings
from headway.store import Writer, open_writer
from headway.workhorse.heartbeat import BUSY_MILLISECONDS, Heartbeat
from headway.workhorse.work_horse_exit import WorkHorseExit

log = logging.getLogger(__name__)


class Lease(Heartbeat):
    """One worker's heartbeat, and what it has to record of its work-horses."""

    def __init__(
        self, settings: Settings, name: str, queue: str, *, renewal_seconds: float
    ) -> None:
        super().__init__(settings, name, queue, renewal_seconds=renewal_seconds)
        # Work-horses whose death is not recorded yet, by their job's id.
        self._unrecorded: dict[str, WorkHorseExit] = {}

    def renew(self) -> None:
        """Say that this worker lives, and try again what could not be recorded."""
        if self._is_due():
            self._write(ended_at=None)
            if self._unrecorded and os.getpid() == self._process.pid:
                self._record_deaths()

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


def _end_killed(store: Writer, record: Record, end: WorkHorseExit) -> Record | None:
    by = record.stop_by or end.stopped_by
    if by is not None:
        return end_stopped(store, record, by, end.peak_memory_bytes)
    failure = end.failure()
    noted = store.note(record, failure.message)
    return end_after_crash(store, noted or record, failure, end.peak_memory_bytes)
