"""SQLite: which library is used, and a connection to the store's file."""

from __future__ import annotations

import importlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from headway.errors import StoreLost, StoreMisused, StoreUnavailable
from headway.store.connection import BUSY_MILLISECONDS, Parameters, missing_of
from headway.store.sql import Sql

try:
    _wheel: Any = importlib.import_module("pysqlite3")
except ImportError:  # no wheel for this platform
    _wheel = None

# Many processes that write and checkpoint one WAL file can lose pages in 3.7.0-3.51.2
# (sqlite.org/wal.html#walresetbug); these releases have the repair.
WAL_RESET_REPAIRED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """True for a SQLite whose WAL-reset bug is repaired."""
    newest = WAL_RESET_REPAIRED[0]
    return version >= newest or any(
        version[:2] == repaired[:2] and version >= repaired for repaired in WAL_RESET_REPAIRED
    )


def _choose() -> Any:
    if _wheel is not None and _wheel.sqlite_version_info > sqlite3.sqlite_version_info:
        return _wheel
    return sqlite3


library: Any = _choose()
SqliteError: type[Exception] = library.Error
# Connections whose files were closed under them; kept so that nothing closes them again.
_abandoned: list[Any] = []


def connect(path: Path, *, busy_milliseconds: int = BUSY_MILLISECONDS) -> Any:
    """Open the store's file in autocommit mode; every transaction begins explicitly.

    The file stays in WAL mode once a migration has put it there. Raises StoreUnavailable.
    """
    with as_unavailable():
        connection = library.connect(
            str(path),
            timeout=busy_milliseconds / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        # In WAL mode a killed process loses nothing with NORMAL; `immediate` asks for FULL where
        # a commit must survive a power cut.
        connection.execute("PRAGMA synchronous=NORMAL")
        # SQLite's own function handles only ASCII; its full-text index handles all letters.
        connection.create_function("lower", 1, _lower, deterministic=True)
    return connection


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@contextmanager
def immediate(connection: Any, *, durable: bool = False) -> Iterator[None]:
    """One write transaction: commits at the end, rolls back on any exception.

    IMMEDIATE, because a deferred transaction that reads before it writes fails at once with
    SQLITE_BUSY_SNAPSHOT instead of waiting. `durable` makes the commit survive a power cut.
    Raises StoreUnavailable.
    """
    with as_unavailable():
        _refuse_read_only(connection)
        if durable:
            connection.execute("PRAGMA synchronous=FULL")
        try:
            connection.execute("BEGIN IMMEDIATE")
            _refuse_read_only(connection)  # again: it may have waited long for its turn
            yield
            connection.execute("COMMIT")
            _mark_as_read(connection)
        finally:
            _undo(connection, durable=durable)


def _undo(connection: Any, *, durable: bool) -> None:
    """End the transaction if it is open, which is after an exception.

    An error here is suppressed: it would hide that exception, which may be a job's time limit.
    """
    with suppress(SqliteError):
        # Asked, not assumed: SQLite itself has rolled back after a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    if durable:
        with suppress(SqliteError):
            connection.execute("PRAGMA synchronous=NORMAL")


def _refuse_read_only(connection: Any) -> None:
    # SQLite maps the WAL's index (-shm) into memory. If its files become read-only under an open
    # connection, by a disk error or an attribute, a write to that memory raises nothing: the
    # kernel kills the process with SIGBUS.
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    for file in (path, f"{path}-shm"):
        if not os.access(file, os.W_OK) and os.access(file, os.F_OK):
            raise StoreUnavailable("The store cannot be used: its files are read-only.")


def _mark_as_read(connection: Any) -> None:
    # The first reader after a commit notes its position in the same memory, and would be killed
    # too. So the writer reads at once, while the files are certainly writable, and later readers
    # find the note.
    with suppress(SqliteError):  # what was committed is committed
        connection.execute("PRAGMA schema_version").fetchall()


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except (library.IntegrityError, library.ProgrammingError) as error:
        raise StoreMisused(f"The store cannot do this: {error}.") from error
    except SqliteError as error:
        raise StoreUnavailable(f"The store cannot be used: {error}.") from error


# A program that daemonizes closes every descriptor it finds and opens files in their place. SQLite
# does not notice: it would write the store's pages into those files, and announce pages that do
# not exist to every other process through shared memory.
CLOSED = (
    "The store cannot be used: this process has closed its files. Close only what you have opened."
)


class _Canary:
    """A descriptor opened beside the store's files, to notice when they are closed.

    It is a pipe, because each pipe has an inode of its own.
    """

    def __init__(self) -> None:
        self._descriptor, other = os.pipe()
        os.close(other)
        self._identity = self._now()

    @property
    def is_gone(self) -> bool:
        """True when the store's files have most likely been closed."""
        return self._now() != self._identity

    def check(self) -> None:
        """Raises StoreLost when it is gone."""
        if self.is_gone:
            raise StoreLost(CLOSED)

    def close(self) -> None:
        """Close it; not to be called when it is gone."""
        os.close(self._descriptor)

    def _now(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = os.fstat(self._descriptor)
            return found.st_dev, found.st_ino
        return None


class SqliteConnection:
    """A connection that writes to the store's file."""

    def __init__(self, path: Path, *, busy_milliseconds: int) -> None:
        self.driver = connect(path, busy_milliseconds=busy_milliseconds)
        self._canary = _Canary()
        self._is_closed = False

    def run(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement; returns its rows. Raises StoreUnavailable, StoreMisused."""
        self._canary.check()
        # Always fetchall: a RETURNING that is not read to its end keeps the write lock.
        with as_unavailable():
            rows: list[Any] = self.driver.execute(statement.sqlite, parameters).fetchall()
        return rows

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[None]:
        """One write transaction; see `immediate`. Raises StoreUnavailable."""
        self._canary.check()
        return immediate(self.driver, durable=durable)

    def define(self, statements: Iterable[str]) -> None:
        """Create what is missing; otherwise no lock is taken. Raises StoreUnavailable."""
        self._canary.check()
        with as_unavailable():
            rows = self.driver.execute("SELECT name FROM sqlite_master").fetchall()
        missing = missing_of(statements, {row[0] for row in rows})
        if missing:
            with self.transaction():
                for statement in missing:
                    self.driver.execute(statement).fetchall()

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """Set how long to wait for another process' write."""
        with as_unavailable():
            self.driver.execute(f"PRAGMA busy_timeout={busy_milliseconds:d}").fetchall()

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._canary.is_gone:
            # Closing it, SQLite might write into whatever has its descriptors now.
            _abandoned.append(self.driver)
            return
        self.driver.close()
        self._canary.close()
