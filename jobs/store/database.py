"""Which database holds the store, and what the store asks of a connection to it.

PostgreSQL's driver is loaded only where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from jobs.settings import Settings
from jobs.store.sql import Sql

Parameters = Mapping[str, Any]

# How long a writer waits for another process' write, in milliseconds. Commits take a few; this
# much means a backup tool or a stuck disk.
BUSY_MILLISECONDS = 5_000


class Connection(Protocol):
    """A connection that writes. Not for use across a fork; one thread at a time."""

    def run(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement; returns its rows. Raises StoreUnavailable, StoreMisused."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[None]:
        """One write transaction: commits at the end, rolls back on any exception.

        `durable` makes the commit survive a power cut. Raises StoreUnavailable.
        """

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """From now on wait this long for another process' write."""

    def close(self) -> None:
        """Let go of the database; may be called twice."""


class Reading(Protocol):
    """A connection that reads, without holding up the loop."""

    async def rows(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement, which is one moment of the store. Raises StoreUnavailable."""

    async def close(self) -> None:
        """Let go of the database; may be called twice."""


def has_text_index(settings: Settings) -> bool:
    """True where `job_search` is kept: on SQLite."""
    return not settings.on_postgresql


def connect(settings: Settings, *, busy_milliseconds: int = BUSY_MILLISECONDS) -> Connection:
    """Open the store for writing. Raises StoreUnavailable."""
    if settings.on_postgresql:
        from jobs.store.postgresql import PostgresConnection  # noqa: PLC0415  # see the top

        return PostgresConnection(settings.database_url, busy_milliseconds=busy_milliseconds)
    from jobs.store.sqlite import SqliteConnection  # noqa: PLC0415  # each imports its own

    return SqliteConnection(settings.database_path, busy_milliseconds=busy_milliseconds)


async def open_reading(settings: Settings) -> Reading:
    """Open the store for reading. Raises StoreUnavailable."""
    if settings.on_postgresql:
        from jobs.store.postgresql_reading import PostgresReading  # noqa: PLC0415  # see the top

        return PostgresReading(settings.database_url)
    from jobs.store.sqlite_reading import SqliteReading  # noqa: PLC0415  # each imports its own

    return await SqliteReading.open(settings.database_path)
