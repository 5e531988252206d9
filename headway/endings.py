"""What follows when an attempt ended: the job's end, or its next attempt."""

from __future__ import annotations

import time
from dataclasses import replace

from headway.model.record import Failure, Record, Status, as_time, now
from headway.store import Writer

# Seconds before the second attempt; each further one waits twice as long, up to the longest.
BACKOFF_SECONDS = 2.0
LONGEST_BACKOFF_SECONDS = 300.0
# From then on it is the longest; two to the power of a thousand is no float any more.
MOST_DOUBLINGS = 10
MESSAGE_CHARACTERS = 500


def due_at(attempt: int) -> str:
    """When the attempt after `attempt` is due."""
    doubled = 2 ** min(attempt - 1, MOST_DOUBLINGS)
    delay = min(BACKOFF_SECONDS * doubled, LONGEST_BACKOFF_SECONDS)
    return as_time(time.time() + delay)


def again(
    store: Writer,
    record: Record,
    failure: Failure,
    peak_memory_bytes: int | None,
    *,
    rq_will: bool = False,
) -> Record | None:
    """Begin the next attempt of a started job whose attempt failed; None if it moved on.

    One that somebody asked to stop ends instead. `rq_will` says that RQ itself has the job in
    its hands and will run it again.
    """
    message = f"Attempt {record.attempt} failed: {failure.message}"
    following = store.next_attempt(
        record,
        frozenset({Status.STARTED}),
        status=Status.QUEUED if rq_will else Status.SCHEDULED,
        message=message[:MESSAGE_CHARACTERS],
        run_at=None if rq_will else due_at(record.attempt),
        failure=failure,
        peak_memory_bytes=peak_memory_bytes,
    )
    if following is None and (by := store.stop_asked_by(record.id)) is not None:
        return end_stopped(store, record, by, peak_memory_bytes)
    return following


def end_dead(
    store: Writer, record: Record, failure: Failure, peak_memory_bytes: int | None = None
) -> Record | None:
    """End, or begin anew, a started job whose process is gone; None if it moved on.

    It ended at the record's `ended_at`, or just now. One that somebody asked to stop is stopped,
    whatever ended its process.
    """
    if record.stop_by is not None:
        return end_stopped(store, record, record.stop_by, peak_memory_bytes)
    if record.attempt < record.max_attempts:
        return again(store, record, failure, peak_memory_bytes)
    return _end(store, record, Status.FAILED, failure, peak_memory_bytes)


def end_stopped(
    store: Writer, record: Record, by: str, peak_memory_bytes: int | None
) -> Record | None:
    """End a started job that somebody asked to stop; None if it moved on."""
    stopped = Failure("Stopped", f"Stopped by {by}.")
    asked = replace(record, stop_by=by)
    return _end(store, asked, Status.STOPPED, stopped, peak_memory_bytes)


def cancel(store: Writer, record: Record, by: str) -> Record | None:
    """End a job that waits, before it begins; None when a worker took it in this very moment."""
    message = f"Canceled by {by} before it began."
    # A claim, so only while it waits: a job that runs is not canceled by saying so.
    return store.save(
        record,
        claim=True,
        status=Status.CANCELED,
        ended_at=now(),
        message=message,
        stop_by=by,
    )


def _end(
    store: Writer,
    record: Record,
    status: Status,
    failure: Failure,
    peak_memory_bytes: int | None,
) -> Record | None:
    return store.save(
        record,
        peak_memory_bytes=peak_memory_bytes,
        status=status,
        error=failure,
        ended_at=record.ended_at or now(),
        stalled=False,
        eta_seconds=None,
        stop_by=record.stop_by,
    )
