"""Reading SQLite without holding up the loop: aiosqlite, a thread a connection."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Self

import aiosqlite

from headway.store import sqlite
from headway.store.connection import Parameters
from headway.store.sql import Sql

# Rows that are fetched in one go by aiosqlite's iteration.
CHUNK_ROWS = 64


class SqliteReading:
    """One connection that reads.

    A statement is one call in the driver's thread, so that a cancelled request can leave no
    transaction open behind it.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the store's file. Raises StoreUnavailable."""
        return cls(await aiosqlite.Connection(lambda: sqlite.connect(path), CHUNK_ROWS))

    async def rows(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement. Raises StoreUnavailable."""
        with sqlite.as_unavailable():
            try:
                return list(await self._connection.execute_fetchall(statement.sqlite, parameters))
            except asyncio.CancelledError:
                # Nobody waits for it, but the next one to use this connection would.
                await self._connection.interrupt()
                raise

    async def close(self) -> None:
        """Close it; may be called twice. An unclosed one would hang the exit."""
        await self._connection.close()
