"""The heartbeat of a worker: a row in the store that says its process lives."""

from __future__ import annotations

import logging
import os
import time

from headway.errors import StoreUnavailable
from headway.model.record import now
from headway.processes import HOST, Process, pid_namespace, this_process
from headway.settings import Settings
from headway.store import open_writer, workers

# How long, in milliseconds, a renewal waits for the store; the next one comes soon.
BUSY_MILLISECONDS = 1_000

log = logging.getLogger(__name__)


class Heartbeat:
    """A worker's heartbeat, written from the process that made this, or from its work-horse.

    The store is opened for each write and closed again, for a worker forks between them.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        queue: str,
        *,
        renewal_seconds: float,
        process: Process | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._queue = queue
        self._renewal_seconds = renewal_seconds
        # A work-horse renews the heartbeat too, and it has another pid.
        self._process = process or this_process()
        self._started_at = now()
        self._renewed = 0.0
        self._is_written = False
        # What was logged last, until it is over.
        self._trouble = ""
        # Since when every write of ours succeeded; 0 after one that did not.
        self._writable_since = 0.0

    def renew(self) -> None:
        """Say that the process lives; trouble with the store is logged, the next one will do."""
        if self._is_due():
            self._write(ended_at=None)

    def end(self) -> None:
        """Say that it ended as it should, if it ever said that it lives; may be called twice."""
        if self._is_written:
            self._write(ended_at=now())

    def _is_due(self) -> bool:
        if time.monotonic() - self._renewed < self._renewal_seconds:
            return False
        self._renewed = time.monotonic()
        return True

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
            self._is_written = True
            self._writable_since = self._writable_since or time.monotonic()
            self._trouble = ""
        except StoreUnavailable as error:
            self._writable_since = 0.0
            if str(error) != self._trouble:
                log.warning("the heartbeat could not be written yet: %s", error)
            self._trouble = str(error)


def _memory_bytes() -> int | None:
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  # no real file
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
