"""The lines of a job's log: how they come about, and which of them are kept.

An attempt keeps its first and its last lines. A line of the log says what was left out between
them; the line numbers stay true.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from headway.model.record import now, safe_text

# Where a line was written; one that was logged or reported has neither.
STDOUT, STDERR = "stdout", "stderr"

# Longest line that is kept, in characters; a longer one says that it was shortened.
LINE_CHARACTERS = 4000
# Lines of one attempt that are kept: so many from its start, and so many before its end.
HEAD_LINES = 5_000
TAIL_LINES = 5_000
# While a job runs the store may hold so many more: one removal takes many lines.
SLACK_LINES = 1_000
LEFT_OUT = (
    "… lines {:,} to {:,} are left out: of each attempt "
    f"the first {HEAD_LINES:,} and the last {TAIL_LINES:,} are kept"
)


# A line's number, its time, its text, and its stream.
LogLine = tuple[int, str, str, str | None]


class SaidLine(NamedTuple):
    """A line, or several, on the way to the log; `at` is when it was said."""

    text: str
    stream: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What to write: new lines, and the first and last of the stored lines to remove."""

    last: int
    lines: list[LogLine]
    left_out: tuple[int, int] | None


class LogLines:
    """The lines of one attempt. For one thread at a time."""

    def __init__(self, before: int) -> None:
        # Number of the last line; the attempts before have those up to `before`.
        self.last = before
        self._head_ends = before + HEAD_LINES
        self._head: list[LogLine] = []
        self._tail: deque[LogLine] = deque(maxlen=TAIL_LINES)
        # The first line behind the head that is not left out.
        self._tail_begins = self._head_ends + 1

    def take(self, text: object, stream: str | None = None, at: str | None = None) -> None:
        """Add the lines of a text; a newline ends a line, and nothing else does."""
        said, at = text if isinstance(text, str) else safe_text(text, sys.maxsize), at or now()
        for line in said.removesuffix("\n").split("\n"):
            self._add(Line(line).text if "\r" in line else line, stream, at)

    def _add(self, line: str, stream: str | None, at: str) -> None:
        self.last += 1
        kept = self._head if self.last <= self._head_ends else self._tail
        text = safe_text(shortened(line, len(line)), LINE_CHARACTERS)
        kept.append((self.last, at, text, stream))

    def unwritten(self, *, at_end: bool = False) -> Unwritten:
        """What to write now; `at_end` removes all of the tail that is not kept."""
        begins = self.last - TAIL_LINES + 1
        slack = 0 if at_end or len(self._tail) == TAIL_LINES else SLACK_LINES
        if begins - self._tail_begins <= slack:
            return Unwritten(self.last, [*self._head, *self._tail], None)
        first, last = self._head_ends + 1, begins - 1
        notice = (first, now(), LEFT_OUT.format(first, last), None)
        return Unwritten(self.last, [*self._head, notice, *self._tail], (first, last))

    def written(self, done: Unwritten) -> None:
        """This much was written; lines that came meanwhile were not."""
        if done.left_out is not None:
            self._tail_begins = done.left_out[1] + 1
        self._head = [line for line in self._head if line[0] > done.last]
        while self._tail and self._tail[0][0] <= done.last:
            self._tail.popleft()


class Line:
    """A line that comes in pieces; a long one takes no more memory than what is kept.

    A carriage return restarts it, as on a terminal: of a progress bar the last state is kept.
    """

    def __init__(self, piece: str = "") -> None:
        self._kept = ""
        self._length = 0
        self._returned = False
        self.add(piece)

    def add(self, piece: str) -> None:
        """Continue the line."""
        if self._returned or "\r" in piece:
            piece = self._after_return(piece)
        if self._length <= LINE_CHARACTERS:
            self._kept += piece[: LINE_CHARACTERS + 1]
        self._length += len(piece)

    def _after_return(self, piece: str) -> str:
        body = piece.rstrip("\r")
        _, returned, last = body.rpartition("\r")
        if body and (returned or self._returned):
            self._kept, self._length, self._returned = "", 0, False
        # The one before a newline belongs to that.
        self._returned = self._returned or body != piece
        return last

    @property
    def text(self) -> str:
        """The line so far, shortened where it is long."""
        return shortened(self._kept, self._length)


def shortened(text: str, length: int) -> str:
    """The start of a line that is `length` characters long; all of it if that is not too long."""
    if length <= LINE_CHARACTERS:
        return text
    said = f"… (shortened: the line has {length:,} characters)"
    return text[: LINE_CHARACTERS - len(said)] + said
