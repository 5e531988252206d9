"""A session with the database that writes, and how a statement is run in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Self

from headway.settings import Settings
from headway.store.connection import BUSY_MILLISECONDS, Parameters
from headway.store.database import connect, has_text_index
from headway.store.sql import Sql


class Session:
    """Owns one connection. Not for use across a fork; one thread at a time."""

    def __init__(self, settings: Settings, *, busy_milliseconds: int = BUSY_MILLISECONDS) -> None:
        self._has_text_index = has_text_index(settings)
        self._connection = connect(settings, busy_milliseconds=busy_milliseconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """From now on wait this long for another process' write."""
        self._connection.wait_up_to(busy_milliseconds)

    def close(self) -> None:
        """Let go of the database; may be called twice."""
        self._connection.close()

    def run(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement; returns its rows. Raises StoreUnavailable, StoreMisused."""
        return self._connection.run(statement, parameters)

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[None]:
        """One write transaction: commits at the end, rolls back on any exception.

        `durable` makes the commit survive a power cut. Raises StoreUnavailable.
        """
        return self._connection.transaction(durable=durable)

    def define(self, statements: Iterable[str]) -> None:
        """Make tables and indices that are not the store's own, by `CREATE … IF NOT EXISTS`.

        Many processes may do so at once. TEXT sorts by code point. Raises StoreUnavailable.
        """
        self._connection.define(statements)
