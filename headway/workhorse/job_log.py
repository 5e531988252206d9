"""A job's log: what it prints, logs and reports, and which of those lines are kept.

An attempt keeps its first and its last lines. A line of the log says what was left out between
them; the line numbers stay true.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TextIO

from headway.model.record import now, safe_text
from headway.terminal import forgive_terminal
from headway.workhorse.failures import is_machinery

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

# A line's number, its time, and its text.
LogLine = tuple[int, str, str]


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

    def take(self, text: object) -> None:
        """Add the lines of a text; a newline ends a line, and nothing else does."""
        said = text if isinstance(text, str) else safe_text(text, sys.maxsize)
        for line in said.removesuffix("\n").split("\n"):
            self.add(Line(line).text if "\r" in line else line)

    def add(self, line: str) -> None:
        """Add one line."""
        self.last += 1
        kept = self._head if self.last <= self._head_ends else self._tail
        kept.append((self.last, now(), safe_text(shortened(line, len(line)), LINE_CHARACTERS)))

    def unwritten(self, *, at_end: bool = False) -> Unwritten:
        """What to write now; `at_end` removes all of the tail that is not kept."""
        begins = self.last - TAIL_LINES + 1
        slack = 0 if at_end or len(self._tail) == TAIL_LINES else SLACK_LINES
        if begins - self._tail_begins <= slack:
            return Unwritten(self.last, [*self._head, *self._tail], None)
        first, last = self._head_ends + 1, begins - 1
        notice = (first, now(), LEFT_OUT.format(first, last))
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


@contextmanager
def captured(take: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, printed and logged lines go to `take` too."""
    forgive_terminal()
    out, err = sys.stdout, sys.stderr
    tees = _Tee(out, take), _Tee(err, take)
    handler = _Handler(take)
    sys.stdout, sys.stderr = tees
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        sys.stdout, sys.stderr = out, err
        for tee in tees:
            tee.finish()


@contextmanager
def logged(take: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, logged lines go to `take`, unless a stream has them anyway."""
    root = logging.getLogger()
    if any(isinstance(handler, logging.StreamHandler) for handler in root.handlers):
        yield
        return
    handler = _Handler(take)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


class _Tee(io.TextIOBase):
    """Passes whole lines to `take`, and writes to a stream too, which may fail."""

    def __init__(self, stream: TextIO, take: Callable[[str], None]) -> None:
        self._stream = stream
        self._take = take
        # One line per thread, so that two that print at once do not mix theirs. Without a lock: a
        # fork could leave it closed for ever.
        self._open_lines: dict[int, Line] = {}

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read-only here, as on real streams
        return self._stream.encoding

    def __getattr__(self, name: str) -> Any:
        # What only a real stream has, as `buffer` and `reconfigure`. Bytes go to the terminal only.
        return getattr(self._stream, name)

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *ended, begun = text.split("\n")
        thread = threading.get_ident()
        if ended:
            line = self._open_lines.pop(thread, None)
            if line is not None:
                line.add(ended[0])
                ended[0] = line.text
            for whole in ended:
                self._take(Line(whole).text if "\r" in whole else whole)
        if begun:
            line = self._open_lines.get(thread)
            if line is None:
                self._open_lines[thread] = Line(begun)
            else:
                line.add(begun)
        try:  # noqa: SIM105  # `suppress` would cost a third of all this
            self._stream.write(text)
        except (OSError, ValueError):  # not the job's trouble
            pass
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):  # nor this
            self._stream.flush()

    def finish(self) -> None:
        while self._open_lines:
            self._take(self._open_lines.popitem()[1].text)
        self.flush()


class _Handler(logging.Handler):
    def __init__(self, take: Callable[[str], None]) -> None:
        super().__init__()
        self._take = take
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if is_machinery(record.name):
            return
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001  # as every handler of logging's own; it may be anything
            self.handleError(record)
        else:
            self._take(line)
