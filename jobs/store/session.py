"""A connection that writes, and how a statement is run on it. It knows no table."""

from __future__ import annotations

from typing import Any, Self

from jobs.settings import Settings
from jobs.store import sqlite


class Session:
    """Owns one connection. Not for use across a fork; one thread at a time."""

    def __init__(
        self, settings: Settings, *, busy_milliseconds: int = sqlite.BUSY_MILLISECONDS
    ) -> None:
        self._connection = sqlite.connect(
            settings.database_path, busy_milliseconds=busy_milliseconds
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """From now on wait this long for another process' write."""
        self._run(f"PRAGMA busy_timeout={busy_milliseconds:d}")

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._connection.close()

    def _run(self, statement: str, parameters: dict[str, Any] | None = None) -> list[Any]:
        # fetchall, always: a RETURNING that is not read to its end keeps the write lock.
        with sqlite.as_unavailable():
            rows: list[Any] = self._connection.execute(statement, parameters or {}).fetchall()
        return rows
