"""The terminal: where a process prints and logs. A broken one harms neither.

Otherwise a closed pipe, a full disk or an encoding without ✓ would raise out of `print`.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

STANDARD_ERROR = 2  # its descriptor


def log_to_terminal() -> None:
    """Log to standard error from INFO on, a line each; RQ and Alembic only their warnings."""
    forgive_terminal()
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("rq", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    """INFO lines are for people and stand alone; others name their level and logger."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return record.message if record.levelno == logging.INFO else super().formatMessage(record)


class _Forgiving(io.FileIO):
    """A descriptor that accepts every write; what cannot be written is lost."""

    def write(self, data: Any) -> int:
        if before_write is not None:
            before_write(self.fileno())
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            while left:
                # None if a non-blocking terminal is full.
                left = left[super().write(left) or len(left) :]
        except OSError as error:
            _say_once(self.fileno(), error)
        return size


# While a job runs that writes into pipes: what is called before what Python prints, with its
# descriptor.
before_write: Callable[[int], None] | None = None
# The descriptors of which it is said that nothing can be written there.
_said: set[int] = set()


def write_to_terminal(descriptor: int, data: bytes) -> None:
    """Write to a descriptor; what cannot be written is lost."""
    try:
        os.write(descriptor, data)
    except OSError as error:
        _say_once(descriptor, error)


def _say_once(descriptor: int, error: OSError) -> None:
    if descriptor not in _said:
        _said.add(descriptor)
        if descriptor != STANDARD_ERROR:  # there is no other place to say it
            # Not logged: a handler may print to this very stream, which is busy.
            with suppress(OSError):
                os.write(STANDARD_ERROR, f"what is printed here is lost: {error}\n".encode())


def forgive_terminal() -> None:
    """Make printing raise nothing in this process; may be called twice.

    Replacements of `sys.stdout` and `sys.stderr` stay as they are.
    """
    for name in ("stdout", "stderr"):
        own = getattr(sys, f"__{name}__")
        if own is None or own.closed:
            _open(name, own)
        else:
            _forgive(own)


def _open(name: str, closed: io.TextIOWrapper | None) -> None:
    # The process was started without it.
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
    # The same object: log handlers made while the author's modules were imported hold it.
    own.__init__(  # type: ignore[misc]  # see above
        forgiving if unbuffered else io.BufferedWriter(forgiving),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,  # a work-horse ends without a flush
        write_through=write_through,
    )
