"""What the store asks of a connection to its database, whichever that is."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from headway.store.sql import Sql

Parameters = Mapping[str, Any]

# How long a writer waits for another process' write, in milliseconds. Commits take a few; this
# much means a backup tool or a stuck disk.
BUSY_MILLISECONDS = 5_000


_DEFINED = re.compile(r"IF NOT EXISTS (\w+)")


def missing_of(statements: Iterable[str], names: Container[str]) -> list[str]:
    """The statements `CREATE … IF NOT EXISTS name` whose name is not among those that exist."""
    found = ((statement, _DEFINED.search(statement)) for statement in statements)
    return [statement for statement, name in found if name is None or name[1] not in names]


class Connection(Protocol):
    """A connection that writes. Not for use across a fork; one thread at a time."""

    def run(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement; returns its rows. Raises StoreUnavailable, StoreMisused."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[None]:
        """One write transaction: commits at the end, rolls back on any exception.

        `durable` makes the commit survive a power cut. Raises StoreUnavailable.
        """

    def define(self, statements: Iterable[str]) -> None:
        """Make tables and indices by `CREATE … IF NOT EXISTS`; TEXT sorts by code point.

        Many processes may do so at once. Raises StoreUnavailable.
        """

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """From now on wait this long for another process' write."""

    def close(self) -> None:
        """Let go of the database; may be called twice."""
