"""The statements about many records: what changed, how many there are, what waits."""

from __future__ import annotations

from sqlalchemy import case, func, literal_column, select

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


# --- the last hour -------------------------------------------------------------------------

_minute = func.substr(jobs.c.ended_at, constant(1), constant(len("2026-01-31T12:00")))
_seconds = (func.julianday(jobs.c.ended_at) - func.julianday(jobs.c.started_at)) * constant(86400)
_ended = (
    select(
        _minute.label("minute"),
        _seconds.label("seconds"),
        (jobs.c.status == constant(Status.FINISHED.value)).label("well"),
        func.row_number().over(partition_by=_minute, order_by=_seconds).label("place"),
        func.count().over(partition_by=_minute).label("ended"),
    )
    .where(jobs.c.ended_at > named("since"), one_of(jobs.c.status, FINAL), ALIVE)
    .subquery()
)
# The middle one of each minute's durations is its median.
_is_middle = _ended.c.place * constant(2) >= _ended.c.ended
THROUGHPUT = sql(
    select(
        _ended.c.minute,
        func.sum(_ended.c.well),
        func.count(),
        func.min(case((_is_middle, _ended.c.seconds))),
    )
    .group_by(_ended.c.minute)
    .order_by(_ended.c.minute)
)
