"""A store that has seen a hundred thousand jobs, without waiting for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from headway.model.record import Record, Status, as_time
from headway.settings import Settings
from headway.store import sqlite
from headway.store.jobs import JOB_NAMES, columns_of, searched_text
from headway.store.tables import SEARCH_TABLE
from tests.support.by_hand import a_record

# Rows of one transaction: short enough for the others who write meanwhile.
CHUNK = 5_000
# The jobs ended over so many seconds before now.
OVER_SECONDS = 30 * 86_400
TOOK_SECONDS = 40
FAILED_EVERY = 20


def fill(settings: Settings, count: int) -> None:
    """Add so many jobs that are over, as if they had been worked on one after the other."""
    connection = sqlite.connect(settings.database_path)
    names = JOB_NAMES
    columns, places = ", ".join(names), ", ".join(f":{name}" for name in names)
    try:
        for begin in range(0, count, CHUNK):
            with sqlite.immediate(connection):
                seq = connection.execute("SELECT seq FROM counter").fetchone()[0]
                records = list(_ended(range(begin, min(begin + CHUNK, count)), count))
                rows = [_row(record, seq + 1 + index) for index, record in enumerate(records)]
                connection.executemany(f"INSERT INTO jobs ({columns}) VALUES ({places})", rows)
                connection.executemany(
                    f"INSERT INTO {SEARCH_TABLE} (rowid, text) VALUES (?, ?)",
                    [
                        (row["search_id"], searched_text(record))
                        for row, record in zip(rows, records, strict=True)
                    ],
                )
                connection.execute("UPDATE counter SET seq = ?", [seq + len(rows)])
    finally:
        connection.close()


def _ended(numbers: range, count: int) -> Iterator[Record]:
    now = time.time()
    for number in numbers:
        ended = now - OVER_SECONDS * (count - number) / count
        failed = number % FAILED_EVERY == 0
        yield a_record(
            kind="customers.import",
            queue="bench",
            title=f"Import customers-{number}.csv",
            message="Writing: 11,999 of 12,000",
            status=Status.FAILED if failed else Status.FINISHED,
            progress=63.0 if failed else 100.0,
            created_at=as_time(ended - 2 * TOOK_SECONDS),
            started_at=as_time(ended - TOOK_SECONDS),
            updated_at=as_time(ended),
            ended_at=as_time(ended),
            params={"file": f"customers-{number}.csv", "rows": 12_000},
        )


def _row(record: Record, seq: int) -> dict[str, Any]:
    empty = dict.fromkeys(JOB_NAMES)
    return empty | columns_of(record) | {"seq": seq, "search_id": seq, "deleted": False}
