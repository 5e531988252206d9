"""Reading PostgreSQL without holding up the loop: the connection that writes, in a thread.

psycopg's own asynchronous connection would wait once more, and without a limit, for a frozen
server when a request for it is cancelled.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from headway.store.connection import BUSY_MILLISECONDS, Parameters
from headway.store.postgresql import PostgresConnection
from headway.store.sql import Sql


class PostgresReading:
    """One connection that reads, in a thread of its own.

    A statement is one call in that thread and has an end of its own, so that a cancelled request
    can leave nothing open behind it.
    """

    def __init__(self, url: str) -> None:
        self._connection = PostgresConnection(url, busy_milliseconds=BUSY_MILLISECONDS)
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
