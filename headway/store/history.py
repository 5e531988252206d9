"""What happened in a job: its attempts, its transitions and its log lines."""

# ruff: noqa: S608  # statements are put together from words of ours alone

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headway.model.record import Failure, JsonDict, Record, Status, now, seconds_of
from headway.processes import Process
from headway.store.connection import Connection
from headway.store.sql import Sql

# A line of a log: its number, its time, its text, and the stream where it was written, if any.
LogLine = tuple[int, str, str, str | None]
LINE_FIELDS = ("number", "at", "text", "stream")

# Transitions kept of one job for the sake of its steps; a change of state is always kept.
MOST_TRANSITIONS = 200

ATTEMPT_COLUMNS = (
    *("job_id", "number", "status", "worker", "host", "pid", "birth", "started_at", "ended_at"),
    *("peak_memory_bytes", "error_type", "error_message", "error_traceback"),
)
BEGIN_ATTEMPT = Sql(
    """
    INSERT INTO attempts (job_id, number, status, worker, host, pid, birth, started_at)
    VALUES (:job_id, :number, :status, :worker, :host, :pid, :birth, :started_at)
    ON CONFLICT DO NOTHING
    """
)
END_ATTEMPT = Sql(
    f"""
    INSERT INTO attempts ({", ".join(ATTEMPT_COLUMNS)})
    VALUES ({", ".join(f":{name}" for name in ATTEMPT_COLUMNS)})
    ON CONFLICT (job_id, number) DO UPDATE SET
        status = excluded.status,
        ended_at = excluded.ended_at,
        peak_memory_bytes = excluded.peak_memory_bytes,
        error_type = excluded.error_type,
        error_message = excluded.error_message,
        error_traceback = excluded.error_traceback
    """
)
ATTEMPTS = Sql(
    f"SELECT {', '.join(ATTEMPT_COLUMNS)} FROM attempts WHERE job_id = :job_id ORDER BY number"
)

TRANSITION_COLUMNS = (
    *("job_id", "seq", "at", "attempt", "status", "stalled", "step", "steps", "step_name"),
)
# The job as it now stands, unless its last transition says the same already. One of the same seq
# is of a time that a restored copy of the store knows nothing of.
ADD_TRANSITION = Sql(
    f"""
    INSERT INTO moments ({", ".join(TRANSITION_COLUMNS)})
    SELECT id, seq, coalesce(ended_at, updated_at), attempt, status, stalled, step, steps, step_name
    FROM jobs
    WHERE id = :job_id AND NOT EXISTS (
        SELECT 1
        FROM (SELECT * FROM moments WHERE job_id = :job_id ORDER BY seq DESC LIMIT 1) AS last
        WHERE last.attempt = jobs.attempt
            AND last.status = jobs.status
            AND last.stalled = jobs.stalled
            AND (
                last.step IS NOT DISTINCT FROM jobs.step
                AND last.step_name IS NOT DISTINCT FROM jobs.step_name
                OR (SELECT count(*) FROM moments WHERE job_id = :job_id) >= {MOST_TRANSITIONS}
            )
    )
    ON CONFLICT (job_id, seq) DO UPDATE SET
        at = excluded.at,
        attempt = excluded.attempt,
        status = excluded.status,
        stalled = excluded.stalled,
        step = excluded.step,
        steps = excluded.steps,
        step_name = excluded.step_name
    """
)
TRANSITIONS = Sql(
    f"SELECT {', '.join(TRANSITION_COLUMNS)} FROM moments WHERE job_id = :job_id ORDER BY seq"
)


def _insert_lines(count: int) -> Sql:
    """Put in `count` log lines, `:number_0`, `:at_0` and so on, of one job."""
    rows = (f"(:job_id, :number_{i}, :at_{i}, :text_{i}, :stream_{i})" for i in range(count))
    return Sql(
        f"INSERT INTO log_lines (job_id, number, at, text, stream) VALUES {', '.join(rows)}"
        " ON CONFLICT DO NOTHING"
    )


# Many at a time: all other writers wait meanwhile, and with a server each statement is a journey.
INSERT_LINES = {count: _insert_lines(count) for count in (100, 10, 1)}
LOG = Sql(
    """
    SELECT number, at, text, stream FROM log_lines
    WHERE job_id = :job_id AND number > :after ORDER BY number LIMIT :most
    """
)
FORGET_LINES = Sql(
    "DELETE FROM log_lines WHERE job_id = :job_id AND number >= :first AND number <= :last"
)
FORGET = [
    Sql(f"DELETE FROM {table} WHERE job_id = :job_id")
    for table in ("attempts", "moments", "log_lines")
]


def attempt_of(row: Sequence[Any]) -> JsonDict:
    """A row of ATTEMPTS as the API shows it."""
    values = dict(zip(ATTEMPT_COLUMNS, row, strict=True))
    error = None
    if values["error_type"] is not None:
        error = {name: values[f"error_{name}"] for name in ("type", "message", "traceback")}
    duration = None
    if values["started_at"] and values["ended_at"]:
        duration = round(seconds_of(values["ended_at"]) - seconds_of(values["started_at"]), 3)
    names = ("number", "status", "worker", "host", "pid", "started_at", "ended_at")
    return {name: values[name] for name in names} | {
        "duration_seconds": duration,
        "peak_memory_bytes": values["peak_memory_bytes"],
        "error": error,
    }


def transition_of(row: Sequence[Any]) -> JsonDict:
    """A row of TRANSITIONS as the API shows it."""
    values: JsonDict = dict(zip(TRANSITION_COLUMNS, row, strict=True))
    return values | {"stalled": bool(values["stalled"])}


def begin_attempt(store: Connection, record: Record, process: Process | None) -> None:
    """Keep, within a transaction, that a worker began the record's attempt in a process."""
    parameters = {
        "job_id": record.id,
        "number": record.attempt,
        "status": record.status.value,
        "worker": record.worker,
        "host": process.host if process else None,
        "pid": process.pid if process else None,
        "birth": process.start_time if process else None,
        "started_at": record.started_at,
    }
    store.run(BEGIN_ATTEMPT, parameters)


def end_attempt(
    store: Connection,
    record: Record,
    status: Status,
    error: Failure | None,
    peak_memory_bytes: int | None,
) -> None:
    """Keep, within a transaction, how the record's attempt ended."""
    parameters = dict.fromkeys(ATTEMPT_COLUMNS) | {
        "job_id": record.id,
        "number": record.attempt,
        "status": status.value,
        "worker": record.worker,
        "started_at": record.started_at,
        "ended_at": record.ended_at or now(),
        "peak_memory_bytes": peak_memory_bytes,
        "error_type": error.type if error else None,
        "error_message": error.message if error else None,
        "error_traceback": error.traceback if error else None,
    }
    store.run(END_ATTEMPT, parameters)


def add_lines(store: Connection, job_id: str, lines: Sequence[LogLine]) -> None:
    """Add lines to a job's log, within a transaction."""
    left = list(lines)
    for count, statement in INSERT_LINES.items():
        while len(left) >= count:
            values: JsonDict = {"job_id": job_id}
            for place, line in enumerate(left[:count]):
                columns = zip(LINE_FIELDS, line, strict=True)
                values |= {f"{name}_{place}": value for name, value in columns}
            store.run(statement, values)
            del left[:count]
