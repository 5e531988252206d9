"""The retry policy: when an attempt ends, the job ends or gets its next attempt."""

from __future__ import annotations

import time
from dataclasses import replace

from headway.model.record import Failure, Record, Status, as_time, now
from headway.store import Writer

# Seconds before the second attempt; each further one waits twice as long, up to the longest.
BACKOFF_SECONDS = 2.0
LONGEST_BACKOFF_SECONDS = 300.0
# Stop doubling here: the delay is capped before, and a very large power overflows a float.
MOST_DOUBLINGS = 10
MESSAGE_CHARACTERS = 500
RQS_STOP = "RQ's stop command"


def due_at(attempt: int) -> str:
    """When the attempt after `attempt` is due."""
    doubled = 2 ** min(attempt - 1, MOST_DOUBLINGS)
    delay = min(BACKOFF_SECONDS * doubled, LONGEST_BACKOFF_SECONDS)
    return as_time(time.time() + delay)


def schedule_retry(
    store: Writer,
    record: Record,
    failure: Failure,
    peak_memory_bytes: int | None,
) -> Record | None:
    """Schedule the next attempt of a started job; None if the job has changed in the meantime.

    A job that is to be stopped ends instead.
    """
    due = due_at(record.attempt)
    return _next_attempt(
        store, record, failure, peak_memory_bytes, status=Status.SCHEDULED, run_at=due
    )


def end_after_crash(
    store: Writer, record: Record, failure: Failure, peak_memory_bytes: int | None = None
) -> Record | None:
    """End or retry a started job whose process is gone; None if it has changed in the meantime.

    It ended at the record's `ended_at`, or just now. A job that is to be stopped is stopped,
    whatever ended its process.
    """
    if record.stop_by is not None:
        return end_stopped(store, record, record.stop_by, peak_memory_bytes)
    if record.attempt < record.max_attempts:
        return schedule_retry(store, record, failure, peak_memory_bytes)
    return _end(store, record, Status.FAILED, failure, peak_memory_bytes)


def follow_rq(
    store: Writer,
    record: Record,
    status: str | None,
    failure: Failure,
    *,
    run_at: str | None = None,
    peak_memory_bytes: int | None = None,
) -> Record | None:
    """Move an application's started job to where RQ has it; None if it has changed meanwhile.

    `status` is RQ's. Where that is neither failed nor stopped, RQ runs the job again, at `run_at`
    or as soon as a worker is free; but one that was asked to stop is stopped here.
    """
    if status == Status.STOPPED:
        return end_stopped(store, record, record.stop_by or RQS_STOP, peak_memory_bytes)
    if status == Status.FAILED or record.status != Status.STARTED:
        return _end(store, record, Status.FAILED, failure, peak_memory_bytes)
    return _next_attempt(
        store,
        record,
        failure,
        peak_memory_bytes,
        status=Status.SCHEDULED if run_at else Status.QUEUED,
        run_at=run_at,
    )


def end_stopped(
    store: Writer, record: Record, by: str, peak_memory_bytes: int | None
) -> Record | None:
    """End a started job that is to be stopped; None if it has changed in the meantime."""
    stopped = Failure("Stopped", f"Stopped by {by}.")
    asked = replace(record, stop_by=by)
    return _end(store, asked, Status.STOPPED, stopped, peak_memory_bytes)


def cancel(store: Writer, record: Record, by: str) -> Record | None:
    """End a job that waits; None when a worker has just taken it."""
    message = f"Canceled by {by} before it began."
    # A claim, so only while it waits: a running job has to be stopped.
    return store.save(
        record,
        claim=True,
        status=Status.CANCELED,
        ended_at=now(),
        message=message,
        stop_by=by,
    )


def _next_attempt(
    store: Writer,
    record: Record,
    failure: Failure,
    peak_memory_bytes: int | None,
    *,
    status: Status,
    run_at: str | None,
) -> Record | None:
    message = f"Attempt {record.attempt} failed: {failure.message}"
    following = store.next_attempt(
        record,
        frozenset({Status.STARTED}),
        status=status,
        message=message[:MESSAGE_CHARACTERS],
        run_at=run_at,
        failure=failure,
        peak_memory_bytes=peak_memory_bytes,
    )
    if following is None and (by := store.stop_asked_by(record.id)) is not None:
        return end_stopped(store, record, by, peak_memory_bytes)
    return following


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
