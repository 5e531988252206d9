"""A claim: a worker makes a job its own, so that of two copies of it one runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from headway.availability import LONGEST_SECONDS, retry_until_available
from headway.errors import UnknownJob
from headway.model.record import Record, Status, now
from headway.processes import Process, this_process
from headway.store import Writer

# The fields that a claim changes.
CLAIMED = frozenset({"status", "worker", "started_at", "message", "run_at", "recorded"})


def claim(
    store: Writer,
    record: Record,
    worker: str,
    process: Process | None = None,
    *,
    patience_seconds: float = LONGEST_SECONDS,
) -> Record | None:
    """Make the record `started`; None when another worker has it, or it is over.

    It runs in `process`, or else in this one. Raises StoreUnavailable after `patience_seconds`.
    """
    mine = replace(
        record,
        status=Status.STARTED,
        worker=worker,
        started_at=now(),
        message="",
        run_at=None,
        recorded=True,
    )
    process = process or this_process()
    return retry_until_available(
        lambda: _claim_once(store, mine, process), seconds=patience_seconds
    )


def _claim_once(store: Writer, mine: Record, process: Process) -> Record | None:
    changes = {name: getattr(mine, name) for name in CLAIMED}
    claimed = store.save(mine, claim=True, process=process, **changes)
    if claimed is None:
        # A connection that broke at the commit hides that an earlier try claimed it.
        with suppress(UnknownJob):
            held = store.job(mine.id)
            own = (held.worker, held.started_at) == (mine.worker, mine.started_at)
            return held if own and held.status == Status.STARTED else None
    return claimed
