"""Reading SQLite in a thread: a statement for which nobody waits any more is ended."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from headway.store.reading import SqliteReading
from headway.store.sql import Sql

ENDLESS = Sql(
    "WITH RECURSIVE found(job) AS (SELECT begun() UNION ALL SELECT job FROM found)"
    " SELECT count(*) FROM found"
)
ONE = Sql("SELECT 1")
PATIENCE_SECONDS = 10


async def test_a_search_that_was_given_up_holds_up_nobody(tmp_path: Path) -> None:
    reading, begun = await SqliteReading.open(tmp_path / "store.db"), asyncio.Event()
    loop = asyncio.get_running_loop()
    await reading._connection.create_function(
        "begun", 0, lambda: loop.call_soon_threadsafe(begun.set) and 1
    )
    searching = asyncio.create_task(reading.rows(ENDLESS, {}))
    await begun.wait()

    searching.cancel()
    try:
        with pytest.raises(asyncio.CancelledError):
            await searching
        assert await asyncio.wait_for(reading.rows(ONE, {}), PATIENCE_SECONDS) == [(1,)]
    finally:
        await reading._connection.interrupt()  # or the thread would run for ever
        await reading.close()
