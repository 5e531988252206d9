"""The lines of a job's log on their way to the store: the first ones and the last ones.

What a job says between those is left out, and a line of the log says so; the numbers stay true.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass

from headway.model.record import now, safe_text

# Longest line that is kept, in characters; a longer one says that it was shortened.
LINE_CHARACTERS = 4000
# Lines of one attempt that are kept: so many from its begin, and so many before its end.
HEAD_LINES = 5_000
TAIL_LINES = 5_000
# While a job runs the store may hold so many more: one removal takes many lines.
SLACK_LINES = 1_000
LEFT_OUT = (
    "… lines {:,} to {:,} are left out: of each attempt "
    f"the first {HEAD_LINES:,} and the last {TAIL_LINES:,} are kept"
)

# A line's number, when it was said, and its text.
LogLine = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What a write has to bring: new lines, and from which to which the stored ones go."""

    said: int
    lines: list[LogLine]
    left_out: tuple[int, int] | None


class LogLines:
    """What one attempt says. One thread at a time."""

    def __init__(self, before: int) -> None:
        # Number of the last line: that of the attempts before, then of what this one said.
        self.said = before
        self._head_ends = before + HEAD_LINES
        self._head: list[LogLine] = []
        self._tail: deque[LogLine] = deque(maxlen=TAIL_LINES)
        # The first line behind the head that is not left out.
        self._tail_begins = self._head_ends + 1

    def take(self, text: object) -> None:
        """Add the lines of a text; a newline ends a line, and nothing else does."""
        said = text if isinstance(text, str) else safe_text(text, sys.maxsize)
        for line in said.removesuffix("\n").split("\n"):
            self.add(Line(line).text if "\r" in line else line)

    def add(self, line: str) -> None:
        """Add one line."""
        self.said += 1
        kept = self._head if self.said <= self._head_ends else self._tail
        kept.append((self.said, now(), safe_text(shortened(line, len(line)), LINE_CHARACTERS)))

    def unwritten(self, *, at_end: bool = False) -> Unwritten:
        """What is to be written now; `at_end` leaves no more of the tail than is kept."""
        begins = self.said - TAIL_LINES + 1
        slack = 0 if at_end or len(self._tail) == TAIL_LINES else SLACK_LINES
        if begins - self._tail_begins <= slack:
            return Unwritten(self.said, [*self._head, *self._tail], None)
        first, last = self._head_ends + 1, begins - 1
        notice = (first, now(), LEFT_OUT.format(first, last))
        return Unwritten(self.said, [*self._head, notice, *self._tail], (first, last))

    def written(self, done: Unwritten) -> None:
        """That was written; what was said meanwhile was not."""
        if done.left_out is not None:
            self._tail_begins = done.left_out[1] + 1
        self._head = [line for line in self._head if line[0] > done.said]
        while self._tail and self._tail[0][0] <= done.said:
            self._tail.popleft()


class Line:
    """A line that is said piece by piece; a long one takes no more memory than what is kept.

    A carriage return begins it anew, as on a terminal: of a progress bar the last state is kept.
    """

    def __init__(self, piece: str = "") -> None:
        self._kept = ""
        self._length = 0
        self._returned = False
        self.add(piece)

    def add(self, piece: str) -> None:
        """Go on with the line."""
        if self._returned or "\r" in piece:
            piece = self._from_its_begin(piece)
        if self._length <= LINE_CHARACTERS:
            self._kept += piece[: LINE_CHARACTERS + 1]
        self._length += len(piece)

    def _from_its_begin(self, piece: str) -> str:
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
    """The beginning of a line of so many characters; of one that is not too long, all of it."""
    if length <= LINE_CHARACTERS:
        return text
    said = f"… (shortened: the line has {length:,} characters)"
    return text[: LINE_CHARACTERS - len(said)] + said
