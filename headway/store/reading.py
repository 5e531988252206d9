"""Reading without holding up the loop: each connection has a thread of its own.

On SQLite the thread is aiosqlite's, which can interrupt a statement: a long search whose request
was cancelled must not hold up the next one. On PostgreSQL the connection that writes is used in a
thread; a statement has an end of its own there. psycopg's own asynchronous connection would wait
once more, and without a limit, for a frozen server when a request is cancelled.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from headway.settings import Settings
from headway.store import sqlite
from headway.store.connection import Connection, Parameters
from headway.store.database import connect
from headway.store.sql import Sql

if TYPE_CHECKING:
    import aiosqlite

# Rows that are fetched in one go by aiosqlite's iteration.
CHUNK_ROWS = 64


class Reading(Protocol):
    """A connection that reads.

    A statement is one call in its thread, so that a cancelled request can leave no transaction
    open behind it.
    """

    async def rows(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement, which is one moment of the store. Raises StoreUnavailable."""

    async def close(self) -> None:
        """Let go of the database; may be called twice. An unclosed one would hang the exit."""


async def open_reading(settings: Settings) -> Reading:
    """Open the store for reading. Raises StoreUnavailable."""
    if settings.on_postgresql:
        return ThreadReading(connect(settings))
    return await SqliteReading.open(settings.database_path)


class SqliteReading:
    """Reads the store's file."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the store's file. Raises StoreUnavailable."""
        import aiosqlite  # noqa: PLC0415  # a worker, which reads by its writer, does without it

        return cls(await aiosqlite.Connection(lambda: sqlite.connect(path), CHUNK_ROWS))

    async def rows(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement. Raises StoreUnavailable."""
        with sqlite.as_unavailable():
            try:
                return list(await self._connection.execute_fetchall(statement.sqlite, parameters))
            except asyncio.CancelledError:
                # Its answer is not wanted any more, but the next one to use this connection would
                # wait for it.
                await self._connection.interrupt()
                raise

    async def close(self) -> None:
        """Close it; may be called twice."""
        await self._connection.close()


class ThreadReading:
    """Reads over a connection in a thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")

    async def rows(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement. Raises StoreUnavailable."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._connection.run, statement, parameters)

    async def close(self) -> None:
        """Close it; may be called twice."""
        with suppress(RuntimeError):  # the second time there is no thread any more
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)
