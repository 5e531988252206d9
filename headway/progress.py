"""Progress reporting for job functions; independent of store and Redis.

Between two writes a call sets two attributes and reads the clock. The listener does the rest:
headway/workhorse/reporter.py in a worker; outside a worker there is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from operator import length_hint
from os import PathLike
from time import monotonic
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")

COMPLETE = 100.0
NEVER = float("inf")
# The largest integer that both databases keep.
MOST = 2**31 - 1

# What Python, numpy and torch raise for a value that is no number. Not Exception: RQ's timeout
# is one.
_NO_NUMBER = (TypeError, ValueError, ArithmeticError, RuntimeError)


class Listener(Protocol):
    """Where reports go while a job runs."""

    def write(self) -> None:
        """Write what the report holds; sets `due` to when to call it next."""

    def log(self, text: str) -> None:
        """Add lines to the job's log."""

    def attach(self, name: str, content: bytes | str | PathLike[str]) -> None:
        """Keep a file of the job."""


class Report:
    """`report(progress, message)` and its methods; outside a job they do nothing."""

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self.due = NEVER
        self._clear()

    def _clear(self) -> None:
        self.progress: Any = None
        self.message: Any = None
        self.step_name: Any = None
        self.number: Any = None
        self.of: Any = None
        self.dirty = False

    def __call__(self, progress: float | None = None, message: str | None = None) -> None:
        """Say that the job is `progress` percent done (0-100, None: unknown), and what it does.

        Cheap enough to be called for every row: written at most ten times a second.
        """
        self.progress = progress
        if message is not None:
            self.message = message
        self.dirty = True
        if monotonic() >= self.due and self._listener is not None:
            self._listener.write()

    def step(self, name: str, n: int, of: int) -> None:
        """Begin step `n` of `of`; the progress becomes at least the steps done so far."""
        self.step_name, self.number, self.of = name, n, of
        begun = self._span()[0]
        self(max(begun, percent(self.progress) or 0.0), name)

    def done(self, n: float, of: float | None = None, message: str | None = None) -> None:
        """Say that `n` of `of` are done, of the whole bar or of the step that was begun.

        Where it is not known of how many, only the message changes.
        """
        share, (begin, end) = _share(n, of), self._span()
        self(self.progress if share is None else begin + (end - begin) * share, message)

    def track(
        self, iterable: Iterable[Item], message: str | None = None, total: int | None = None
    ) -> Iterator[Item]:
        """Report along an iterable: over the whole bar, or within the step that was begun.

        `total` is needed only where the iterable does not know its length.
        """
        count = _count(iterable, total)
        begin, end = self._span()
        share = (end - begin) / count if count else 0.0
        for done, item in enumerate(iterable):
            self(begin + share * min(done, count) if count else self.progress, message)
            yield item
        self(end, message)

    def log(self, text: str) -> None:
        """Add a line, or several, to the job's log."""
        if self._listener is not None:
            self._listener.log(text)

    def attach(self, name: str, content: bytes | str | PathLike[str]) -> None:
        """Keep a file with the job: its bytes, or the path of a file to copy.

        A second file of the same name replaces the first. Raises ValueError for a name that is no
        plain file name: it may have spaces and letters of any script, but no slash.
        """
        if self._listener is not None:
            self._listener.attach(name, content)

    def bind(self, listener: Listener) -> None:
        """A job begins: its reports go to `listener`."""
        self._clear()
        self._listener = listener
        self.due = 0.0

    def release(self) -> None:
        """The job is over; may be called twice."""
        self._listener = None
        self.due = NEVER

    def _span(self) -> tuple[float, float]:
        number, of = whole(self.number), whole(self.of)
        if not number or not of:
            return 0.0, COMPLETE
        return COMPLETE * (number - 1) / of, COMPLETE * number / of


def _count(iterable: Iterable[Any], total: Any) -> float:
    """How many items there are; 0 if that is not known."""
    try:
        count = float(total if total is not None else length_hint(iterable))
    except _NO_NUMBER:  # also for a range that is longer than a machine word can say
        return 0.0
    return count if math.isfinite(count) else 0.0


def _share(n: Any, of: Any) -> float | None:
    """How much of `of` is done, from 0 to 1; None if that is not known."""
    try:
        done = percent(COMPLETE * n / of)
    except _NO_NUMBER:
        return None
    return None if done is None else done / COMPLETE


def percent(value: Any) -> float | None:
    """A progress from 0 to 100; None for a value that is no number."""
    try:
        number = float(value)
    except _NO_NUMBER:
        return None
    return min(max(number, 0.0), COMPLETE) if math.isfinite(number) else None


def whole(value: Any) -> int | None:
    """A step's number, within what both databases can keep; None for a value that is no number."""
    try:
        return min(max(int(value), 0), MOST)
    except _NO_NUMBER:
        return None


report = Report()
