"""PostgreSQL: a connection whose every wait has an end, and that reconnects by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from headway.errors import StoreMisused, StoreUnavailable
from headway.store.connection import Parameters, missing_of
from headway.store.sql import Sql

# How long, in seconds, a server may take to accept a connection; libpq knows nothing shorter.
CONNECT_SECONDS = 2
# Beyond the wait for locks, a statement may take this long, in seconds. After that the server
# counts as unavailable: one that is frozen raises no error.
ANSWER_SECONDS = 1.0
# How often, in seconds, a wait checks whether it was interrupted.
LOOK_SECONDS = 0.1
# The server ends a transaction that is idle for this long, in milliseconds: its process is frozen
# and holds up every other writer.
IDLE_MILLISECONDS = 10_000

# The server gives up a statement when its client does.
_SETTINGS = (
    "SELECT set_config('lock_timeout', %(busy)s, false),"
    " set_config('statement_timeout', %(answer)s, false),"
    " set_config('idle_in_transaction_session_timeout', %(idle)s, false)"
)
# The counter serializes writers anyway; a stricter level would reject every second one.
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
# An administrator can fix these, though the driver calls them programming errors.
_TROUBLES = (errors.UndefinedTable, errors.InsufficientPrivilege)
_MISTAKES = (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError)

_WITHIN = frozenset({TransactionStatus.INTRANS, TransactionStatus.INERROR})

# An arbitrary number for an advisory lock: two processes that create one table at once would fail.
DEFINITION_LOCK = 4_839_218
_TEXT = re.compile(r"\bTEXT\b")

Result = TypeVar("Result")


class _Impatient(psycopg.Connection[Any]):
    """psycopg's connection, with a limit on every wait for the server."""

    answer_seconds = ANSWER_SECONDS

    def wait(
        self, gen: PQGen[Result], interval: float = LOOK_SECONDS, timeout: float | None = None
    ) -> Result:
        return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)


class PostgresConnection:
    """A connection to the store. Not for use across a fork; one thread at a time.

    It connects on first use, and again after the connection was lost.
    """

    def __init__(
        self, url: str, *, busy_milliseconds: int, idle_milliseconds: int = IDLE_MILLISECONDS
    ) -> None:
        self._url = url
        self._idle_milliseconds = idle_milliseconds
        self._busy_milliseconds = busy_milliseconds
        self._set_milliseconds: int | None = None
        self._driver: _Impatient | None = None
        self._in_transaction = False

    def run(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement; returns its rows. Raises StoreUnavailable, StoreMisused."""
        text, values = statement.postgresql, _storable(parameters)
        with _as_unavailable():
            if self._in_transaction:
                return _rows(self._connected().execute(text, values))
            # Outside a transaction statements only read, so this one may run twice.
            return _rows(self._begin(text, values))

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """One write transaction: commits at the end, rolls back on any exception.

        Every commit is durable: a server may crash after others have seen what it wrote, and a
        counter that went back would number two changes alike. Raises StoreUnavailable.
        """
        with _as_unavailable():
            self._begin(_BEGIN)
            self._in_transaction = True
            try:
                yield
                self._connected().execute("COMMIT")
            finally:
                self._in_transaction = False
                self._clear()

    def define(self, statements: Iterable[str]) -> None:
        """Create what is missing, one process at a time; otherwise no CREATE right is needed.

        Raises StoreUnavailable.
        """
        names = "SELECT relname FROM pg_class WHERE pg_table_is_visible(oid)"
        with _as_unavailable():
            there = {row[0] for row in _rows(self._begin(names))}
        missing = missing_of(statements, there)
        if not missing:
            return
        with self.transaction():
            driver = self._connected()
            driver.execute("SELECT pg_advisory_xact_lock(%s)", (DEFINITION_LOCK,))
            for statement in missing:
                driver.execute(_TEXT.sub('TEXT COLLATE "C"', statement))

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """Set how long to wait for another process' write."""
        self._busy_milliseconds = busy_milliseconds

    def close(self) -> None:
        """Disconnect; may be called twice."""
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def _begin(self, text: str, values: Parameters | None = None) -> psycopg.Cursor[Any]:
        """Run a first statement, and again if the connection turns out to be dead."""
        was_open = self._is_open()
        try:
            try:
                return self._connected().execute(text, values)
            except psycopg.OperationalError:
                if not was_open or self._is_open():
                    raise
                return self._connected().execute(text, values)
        except BaseException:
            self._clear()
            raise

    def _is_open(self) -> bool:
        return self._driver is not None and not self._driver.closed

    def _connected(self) -> _Impatient:
        if self._driver is None or self._driver.closed:
            if self._in_transaction:
                raise psycopg.OperationalError("the connection was lost within a transaction")
            self._driver = _Impatient.connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                fallback_application_name="headway",
            )
            self._set_milliseconds = None
        if self._set_milliseconds != self._busy_milliseconds and not self._in_transaction:
            answer_seconds = self._busy_milliseconds / 1000 + ANSWER_SECONDS
            self._driver.answer_seconds = answer_seconds
            values = {
                "busy": self._busy_milliseconds,
                "answer": round(1000 * answer_seconds),
                "idle": self._idle_milliseconds,
            }
            self._driver.execute(_SETTINGS, {name: str(value) for name, value in values.items()})
            self._set_milliseconds = self._busy_milliseconds
        return self._driver

    def _clear(self) -> None:
        """Roll back, or close a connection whose state is unknown."""
        driver = self._driver
        if driver is None or driver.info.transaction_status == TransactionStatus.IDLE:
            return
        with suppress(psycopg.Error):
            if driver.info.transaction_status in _WITHIN:
                driver.execute("ROLLBACK")
                return
        self.close()


def _rows(cursor: psycopg.Cursor[Any]) -> list[Any]:
    return cursor.fetchall() if cursor.description is not None else []


def _storable(parameters: Parameters) -> Parameters:
    # PostgreSQL's text can hold every character except this one.
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in parameters.items()
    }


def in_one_line(error: BaseException) -> str:
    """libpq's message, which has several lines and asks questions, in one line."""
    return " ".join(str(error).split()).rstrip("?. ")


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except psycopg.Error as error:
        if isinstance(error, _MISTAKES) and not isinstance(error, _TROUBLES):
            raise StoreMisused(f"The store cannot do this: {in_one_line(error)}.") from error
        raise StoreUnavailable(f"The store cannot be used: {in_one_line(error)}.") from error
