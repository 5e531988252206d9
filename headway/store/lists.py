"""The statements about many records: what changed, how many there are, what ended lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select

from headway.model.record import FINAL, JsonDict, Status
from headway.store.sql import (
    ALIVE,
    EVENT_COLUMNS,
    Sql,
    constant,
    named,
    one_of,
    seconds_between,
    with_counter,
)
from headway.store.tables import jobs

_since = (
    select(*EVENT_COLUMNS)
    .where(jobs.c.seq > named("after"))
    .order_by(jobs.c.seq)
    .limit(named("most"))
    .offset(constant(0))
)
CHANGES_SINCE = Sql(with_counter(_since).order_by(literal_column("found.seq")))

# Not the bare column: SQLite would go through every job along the index of queues, only to have
# the few that wait or run in the order of their groups.
_queue = jobs.c.queue.concat(constant(""))
QUEUES = Sql(
    select(_queue, jobs.c.status, func.count(), func.min(jobs.c.updated_at))
    .where(one_of(jobs.c.status, frozenset({Status.QUEUED, Status.STARTED})), ALIVE)
    .group_by(_queue, jobs.c.status)
)


def _each(column: ColumnElement[str]) -> Sql:
    """Every value of a column that begins an index, each found by the one before it.

    There are few, and hundreds of thousands of jobs.
    """
    first = select(func.min(column).label("name")).where(ALIVE)
    names = first.cte("names", recursive=True)
    following = select(func.min(column)).where(ALIVE, column > names.c.name).scalar_subquery()
    names = names.union_all(select(following).where(names.c.name.is_not(None)))
    every = select(names.c.name).where(names.c.name.is_not(None))
    return Sql(every.limit(named("most")).offset(constant(0)))


NAMES = {"kind": _each(jobs.c.kind), "queue": _each(jobs.c.queue)}


# --- what ended lately --------------------------------------------------------------------

_ENDED_LATELY = (jobs.c.ended_at > named("since"), one_of(jobs.c.status, FINAL), ALIVE)


def _place(minute: ColumnElement[str], seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Where a job stands among those of its minute, shortest first."""
    return func.row_number().over(partition_by=minute, order_by=seconds.asc().nulls_last())


def _is(status: Status) -> ColumnElement[int]:
    """1 or 0, to be counted."""
    return case((jobs.c.status == constant(status.value), constant(1)), else_=constant(0))


_minute = func.substr(jobs.c.ended_at, constant(1), constant(len("2026-01-31T12:00")))
_seconds = seconds_between(jobs.c.started_at, jobs.c.ended_at)
# A second attempt waits for its pause and for people too; that says nothing about the workers.
_due = case((jobs.c.run_at > jobs.c.created_at, jobs.c.run_at), else_=jobs.c.created_at)
_wait = case((jobs.c.attempt == constant(1), seconds_between(_due, jobs.c.started_at)))
_ended = (
    select(
        _minute.label("minute"),
        _is(Status.FINISHED).label("finished"),
        _is(Status.FAILED).label("failed"),
        _seconds.label("seconds"),
        _place(_minute, _seconds).label("place"),
        func.count(_seconds).over(partition_by=_minute).label("timed"),
        _wait.label("wait"),
        _place(_minute, _wait).label("wait_place"),
        func.count(_wait).over(partition_by=_minute).label("waited"),
    )
    .where(*_ENDED_LATELY)
    .subquery()
)


def _of_all(
    seconds: ColumnElement[float],
    place: ColumnElement[int],
    count: ColumnElement[int],
    percent: int,
) -> ColumnElement[float]:
    """The smallest of a minute's times that is not below this share of all."""
    reached = place * constant(100) >= count * constant(percent)
    return func.min(case((reached, seconds)))


THROUGHPUT = Sql(
    select(
        _ended.c.minute,
        func.sum(_ended.c.finished),
        func.sum(_ended.c.failed),
        func.count(),
        _of_all(_ended.c.seconds, _ended.c.place, _ended.c.timed, 50),
        _of_all(_ended.c.seconds, _ended.c.place, _ended.c.timed, 95),
        _of_all(_ended.c.wait, _ended.c.wait_place, _ended.c.waited, 50),
    )
    .group_by(_ended.c.minute)
    .order_by(_ended.c.minute)
)
ENDED_BY = Sql(
    select(jobs.c.queue, jobs.c.worker, func.count())
    .where(*_ENDED_LATELY)
    .group_by(jobs.c.queue, jobs.c.worker)
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
