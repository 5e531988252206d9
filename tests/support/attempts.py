"""An attempt as a work-horse has it, without RQ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from headway.model.record import Record
from headway.settings import Settings
from headway.workhorse.attempt import Attempt, opened_store
from headway.workhorse.claim import claim


@contextmanager
def claimed(settings: Settings, record: Record, worker: str = "a-worker") -> Iterator[Attempt]:
    """The attempt of a worker that claimed the job."""
    with opened_store(settings) as store:
        mine = claim(store, record, worker)
        assert mine is not None
        with Attempt(settings, store, mine, heartbeat=lambda: None) as attempt:
            yield attempt
