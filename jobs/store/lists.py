"""The statements about many records: what changed, how many there are, what ended lately."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, func, literal_column, select

from jobs.records import FINAL, Status
from jobs.store.sql import (
    ALIVE,
    EVENT_COLUMNS,
    constant,
    named,
    one_of,
    sql,
    with_counter,
)
from jobs.store.tables import jobs

_since = (
    select(*EVENT_COLUMNS)
    .where(jobs.c.seq > named("after"))
    .order_by(jobs.c.seq)
    .limit(named("most"))
    .offset(constant(0))
)
CHANGES_SINCE = sql(with_counter(_since).order_by(literal_column("found.seq")))

COUNTS = sql(select(jobs.c.status, func.count()).where(ALIVE).group_by(jobs.c.status))
QUEUES = sql(
    select(jobs.c.queue, jobs.c.status, func.count(), func.min(jobs.c.updated_at))
    .where(one_of(jobs.c.status, frozenset({Status.QUEUED, Status.STARTED})), ALIVE)
    .group_by(jobs.c.queue, jobs.c.status)
)


# --- what ended lately --------------------------------------------------------------------

_DAY_SECONDS = 86_400
_ENDED_LATELY = (jobs.c.ended_at > named("since"), one_of(jobs.c.status, FINAL), ALIVE)


def _between(earlier: ColumnElement[str], later: ColumnElement[str]) -> ColumnElement[float]:
    """The seconds from one time to another."""
    return (func.julianday(later) - func.julianday(earlier)) * constant(_DAY_SECONDS)


def _place(minute: ColumnElement[str], seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Where a job stands among those of its minute, shortest first."""
    return func.row_number().over(partition_by=minute, order_by=seconds.asc().nulls_last())


def _is(status: Status) -> ColumnElement[bool]:
    return jobs.c.status == constant(status.value)


_minute = func.substr(jobs.c.ended_at, constant(1), constant(len("2026-01-31T12:00")))
_seconds = _between(jobs.c.started_at, jobs.c.ended_at)
# A second attempt waits for its pause and for people too; that says nothing about the workers.
_due = func.max(jobs.c.created_at, func.coalesce(jobs.c.run_at, jobs.c.created_at))
_wait = case((jobs.c.attempt == constant(1), _between(_due, jobs.c.started_at)))
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


THROUGHPUT = sql(
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
ENDED_BY = sql(
    select(jobs.c.queue, jobs.c.worker, func.count())
    .where(*_ENDED_LATELY)
    .group_by(jobs.c.queue, jobs.c.worker)
)
