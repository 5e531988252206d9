"""SQL as text: SQLAlchemy Core's statements compiled once, for the plain drivers to run.

The same upsert costs 900 us when SQLAlchemy builds it afresh, 216 us prepared by it, and about
30 us as text.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, literal, select, true
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement, ColumnElement

from jobs.records import Status
from jobs.store.tables import counter, jobs

_DIALECT = sqlite.dialect(paramstyle="named")

# What a record needs on the wire; `params` and the traceback can be large and stay at home.
EVENT_COLUMNS = tuple(
    column
    for column in jobs.c
    if column.name not in {"params", "error_traceback", "idempotency_key", "search_id"}
)


def sql(statement: ClauseElement) -> str:
    """A statement as text with `:name` parameters."""
    return str(statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}))


def constant(value: Any) -> ColumnElement[Any]:
    """A value of ours, written into the text."""
    return literal(value, literal_execute=True)


def named(name: str) -> BindParameter[Any]:
    """A parameter that whoever runs the statement gives."""
    return bindparam(name, None, required=False)


def one_of(column: ColumnElement[Any], statuses: frozenset[Status]) -> ColumnElement[bool]:
    """True when a status column holds one of `statuses`."""
    names = sorted(status.value for status in statuses)
    return column.in_(bindparam(None, names, expanding=True, literal_execute=True))


ALIVE = jobs.c.deleted == constant(False)
STARTED = jobs.c.status == constant(Status.STARTED.value)


def with_counter(rows: Select[Any]) -> Select[Any]:
    """Rows and the counter of the same moment: one statement is one read transaction.

    The counter's row comes back alone, with an empty `id`, where there are no rows.
    """
    found = rows.subquery("found")
    return select(
        counter.c.seq.label("counter_seq"), counter.c.epoch.label("counter_epoch"), *found.c
    ).select_from(counter.outerjoin(found, true()))
