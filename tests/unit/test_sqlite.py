"""Which SQLite is safe for many processes on one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headway.store.sqlite import connect, immediate, library, wal_is_safe


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 1), False),
        ((3, 50, 4), False),
        ((3, 50, 7), True),
        ((3, 50, 8), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_a_version_is_safe_once_it_has_the_repair(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


def test_the_library_in_use_is_the_newer_of_the_two() -> None:
    import sqlite3  # noqa: PLC0415  # the one that is not asked for otherwise

    assert library.sqlite_version_info >= sqlite3.sqlite_version_info


class BadRollback:
    """A connection whose disk fails when a transaction is undone."""

    def __init__(self, path: Path) -> None:
        self._real = connect(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, statement: str) -> Any:
        """Run a statement, but not that one."""
        if statement == "ROLLBACK":
            raise library.OperationalError("disk I/O error")
        return self._real.execute(statement)


def test_what_ended_a_write_is_not_hidden_by_the_trouble_of_undoing_it(tmp_path: Path) -> None:
    connection = BadRollback(tmp_path / "store.db")

    with pytest.raises(TimeoutError, match="the job's time is up"), immediate(connection):
        raise TimeoutError("the job's time is up")

    connection.close()
