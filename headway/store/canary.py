"""The canary: a descriptor that goes when somebody closes those that are not their own.

A program that makes a daemon of itself closes all it finds, and opens files in their place. SQLite
does not notice: it would write the store's pages into those files, and tell every other process, by
the memory that they share, of pages that are not there.
"""

from __future__ import annotations

import os
from contextlib import suppress

from headway.errors import StoreLost

CLOSED = (
    "The store cannot be used: this process has closed its files. Close only what you have opened."
)


class Canary:
    """Opened beside the store's files; a pipe, for each has a number of its own."""

    def __init__(self) -> None:
        self._descriptor, other = os.pipe()
        os.close(other)
        self._identity = self._now()

    @property
    def is_gone(self) -> bool:
        """True where the store's files are most likely closed."""
        return self._now() != self._identity

    def check(self) -> None:
        """Raises StoreLost when it is gone."""
        if self.is_gone:
            raise StoreLost(CLOSED)

    def close(self) -> None:
        """Let go of it; not to be called when it is gone."""
        os.close(self._descriptor)

    def _now(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = os.fstat(self._descriptor)
            return found.st_dev, found.st_ino
        return None
