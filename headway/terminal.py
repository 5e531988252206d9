"""The terminal: where a process prints. One that is broken is no trouble of whoever prints.

A pipe that nobody reads any more, a full disk, or an alphabet without a ✓ raise out of `print`.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any

STANDARD_ERROR = 2  # its descriptor


class _Forgiving(io.FileIO):
    """A descriptor that takes everything; what cannot be written there is lost."""

    _said = False

    def write(self, data: Any) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            while left:
                # None where a terminal that must not block is full just now.
                left = left[super().write(left) or len(left) :]
        except OSError as error:
            self._say(error)
        return size

    def _say(self, error: OSError) -> None:
        if not self._said:
            self._said = True
            if self.fileno() != STANDARD_ERROR:  # there is nowhere else to say it
                # Not logged: a handler may print to this very stream, which is in use.
                with suppress(OSError):
                    os.write(STANDARD_ERROR, f"what is printed here is lost: {error}\n".encode())


def forgive_terminal() -> None:
    """From now on printing raises nothing in this process; may be called twice.

    Streams that somebody has put in the place of the process' own stay as they are.
    """
    for name in ("stdout", "stderr"):
        own = getattr(sys, f"__{name}__")
        if own is None or own.closed:
            _open(name, own)
        else:
            _forgive(own)


def _open(name: str, closed: io.TextIOWrapper | None) -> None:
    # The process was started without it: what is printed goes nowhere.
    forgiving: Any = _Forgiving(os.devnull, "wb")
    nowhere = io.TextIOWrapper(io.BufferedWriter(forgiving), encoding="utf-8")
    if getattr(sys, name) is closed:
        setattr(sys, name, nowhere)
    setattr(sys, f"__{name}__", nowhere)


def _forgive(own: io.TextIOWrapper) -> None:
    raw = getattr(own.buffer, "raw", own.buffer)
    if isinstance(raw, _Forgiving):
        return
    unbuffered, write_through = raw is own.buffer, own.write_through
    forgiving: Any = _Forgiving(own.fileno(), "wb", closefd=False)
    encoding = own.encoding
    with suppress(OSError):
        own.flush()
    own.detach()
    # The same stream: handlers of `logging` hold it, made when the author's modules were loaded.
    own.__init__(  # type: ignore[misc]  # see above
        forgiving if unbuffered else io.BufferedWriter(forgiving),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,  # a work-horse ends without a flush
        write_through=write_through,
    )
