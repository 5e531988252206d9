"""What the store says of all jobs together: what changed, what waits, and what ended lately."""

# ruff: noqa: S608  # statements are put together from words of ours alone

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headway.model.record import FINAL, JsonDict
from headway.store.jobs import EVENT_COLUMNS
from headway.store.sql import Sql, quoted, with_counter

CHANGES_SINCE = Sql(
    with_counter(
        f"SELECT {EVENT_COLUMNS} FROM jobs WHERE seq > :after ORDER BY seq LIMIT :most",
        order="found.seq",
    )
)

# Not the bare column: SQLite would go through every job along the index of queues, only to have
# the few that wait or run in the order of their groups.
QUEUES = Sql(
    """
    SELECT queue || '', status, count(*), min(updated_at) FROM jobs
    WHERE status IN ('queued', 'started') AND deleted = false GROUP BY queue || '', status
    """
)


def _each(column: str) -> Sql:
    """Every value of a column that begins an index, each found by the one before it.

    There are few, and hundreds of thousands of jobs.
    """
    return Sql(
        f"""
        WITH RECURSIVE names(name) AS (
            SELECT min({column}) FROM jobs WHERE deleted = false
            UNION ALL
            SELECT (SELECT min({column}) FROM jobs WHERE deleted = false AND {column} > names.name)
            FROM names WHERE names.name IS NOT NULL
        )
        SELECT name FROM names WHERE name IS NOT NULL LIMIT :most
        """
    )


NAMES = {"kind": _each("kind"), "queue": _each("queue")}

_ENDED_LATELY = f"ended_at > :since AND status IN {quoted(FINAL)} AND deleted = false"
# Each minute's counts; the median and the 95th percentile of how long its jobs ran, and the median
# of how long they waited: the smallest of its times that is not below this share of all. A second
# attempt waits for its pause and for people too; that says nothing about the workers.
THROUGHPUT = Sql(
    f"""
    WITH ended AS (
        SELECT substr(ended_at, 1, {len("2026-01-31T12:00")}) AS minute, status,
            seconds_between(started_at, ended_at) AS seconds,
            CASE WHEN attempt = 1 THEN seconds_between(
                CASE WHEN run_at > created_at THEN run_at ELSE created_at END, started_at
            ) END AS wait
        FROM jobs WHERE {_ENDED_LATELY}
    ), placed AS (
        SELECT minute, status, seconds, wait,
            row_number() OVER (PARTITION BY minute ORDER BY seconds NULLS LAST) AS place,
            count(seconds) OVER (PARTITION BY minute) AS timed,
            row_number() OVER (PARTITION BY minute ORDER BY wait NULLS LAST) AS wait_place,
            count(wait) OVER (PARTITION BY minute) AS waited
        FROM ended
    )
    SELECT minute,
        sum(CASE WHEN status = 'finished' THEN 1 ELSE 0 END),
        sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END),
        count(*),
        min(CASE WHEN place * 100 >= timed * 50 THEN seconds END),
        min(CASE WHEN place * 100 >= timed * 95 THEN seconds END),
        min(CASE WHEN wait_place * 100 >= waited * 50 THEN wait END)
    FROM placed GROUP BY minute ORDER BY minute
    """
)
ENDED_BY = Sql(
    f"SELECT queue, worker, count(*) FROM jobs WHERE {_ENDED_LATELY} GROUP BY queue, worker"
)


def minute_of(row: Sequence[Any]) -> JsonDict:
    """A row of THROUGHPUT as the API shows it; its times in seconds."""
    minute, finished, failed, ended, *times = row
    names = ("median_seconds", "p95_seconds", "median_wait_seconds")
    rounded = (None if time is None else round(max(time, 0.0), 3) for time in times)
    return {
        "minute": f"{minute}:00.000000Z",
        "finished": finished,
        "failed": failed,
        "stopped": ended - finished - failed,
    } | dict(zip(names, rounded, strict=True))
