"""SQL as text: SQLAlchemy Core's statements compiled once, for the plain drivers to run.

The same upsert costs 900 us when SQLAlchemy builds it afresh, 216 us prepared by it, and about
30 us as text.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any
from weakref import WeakSet

from sqlalchemy import (
    BindParameter,
    Dialect,
    Float,
    Select,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from headway.model.record import EVENT_RESULT_BYTES, Status
from headway.store.tables import counter, jobs

_SQLITE = sqlite.dialect(paramstyle="named")
_POSTGRESQL = psycopg.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy

_DAY_SECONDS = 86_400

# What stays at home: it can be large, or is nobody's business.
_AT_HOME = frozenset(
    "params arguments error_traceback idempotency_key fingerprint search_id".split()
)
# A large result is not even read.
_is_small = jobs.c.result_bytes <= literal_column(str(EVENT_RESULT_BYTES))
_small_result = case((_is_small, jobs.c.result)).label("result")
# What a record needs on the wire.
EVENT_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(
    _small_result if column is jobs.c.result else column
    for column in jobs.c
    if column.name not in _AT_HOME
)


class Sql:
    """One statement in each database's words, put into words when they are first asked for.

    Text is SQL that both databases read, with `:name` for a parameter.
    """

    def __init__(self, statement: ClauseElement | str) -> None:
        self._statement = text(statement) if isinstance(statement, str) else statement
        _made.add(self)

    @cached_property
    def sqlite(self) -> str:
        """The text with `:name` parameters."""
        return self._text(_SQLITE)

    @cached_property
    def postgresql(self) -> str:
        """The text with `%(name)s` parameters."""
        return self._text(_POSTGRESQL)

    def _text(self, dialect: Dialect) -> str:
        options = {"render_postcompile": True}
        return str(self._statement.compile(dialect=dialect, compile_kwargs=options))


_made: WeakSet[Sql] = WeakSet()


def prepare(*, on_postgresql: bool) -> None:
    """Put every statement into words now; this process and its forks keep them."""
    for statement in list(_made):
        _ = statement.postgresql if on_postgresql else statement.sqlite


class seconds_between(FunctionElement[float]):  # noqa: N801  # reads as the function it is
    """The seconds from one time, as text, to another."""

    inherit_cache = True
    type = Float()


@compiles(seconds_between, "sqlite")
def _in_days(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    earlier, later = element.clauses
    days = func.julianday(later) - func.julianday(earlier)
    return compiler.process(days * literal_column(str(_DAY_SECONDS)), **options)


@compiles(seconds_between, "postgresql")
def _as_interval(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    earlier, later = (compiler.process(each, **options) for each in element.clauses)
    interval = f"CAST({later} AS TIMESTAMPTZ) - CAST({earlier} AS TIMESTAMPTZ)"
    return f"CAST(EXTRACT(EPOCH FROM {interval}) AS DOUBLE PRECISION)"


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
