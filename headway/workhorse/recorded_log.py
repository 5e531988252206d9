"""The log of a job of our kinds, which the recording process reads and writes.

So it has what anything in the job writes, also just before a kill. The job's own process writes
the rest of the record, and waits at its end until the log is whole.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from headway.model.record import Record
from headway.workhorse.job_log import logged_apart
from headway.workhorse.output import InOrder, can_be_redirected, pipes_to, redirected
from headway.workhorse.recording_process import RecordingProcess


class RecordedLog:
    """A job's log in its own process."""

    def __init__(self, process: RecordingProcess) -> None:
        self._process = process
        self._order = InOrder(process.unread)

    @classmethod
    def begun(cls, process: RecordingProcess | None, record: Record) -> RecordedLog | None:
        """That of an attempt which begins; None where no other process can write it."""
        if process is None or process.is_here or not can_be_redirected():
            return None
        hears = process.call("follow", record.id, record.attempt, os.getpid())
        return cls(process) if hears else None

    @contextmanager
    def captured(self) -> Iterator[None]:
        """While the block runs, what is written to 1 and 2, and logged, goes to the log too."""
        with (
            redirected(pipes_to(self._process.hand_over), self._order),
            logged_apart(self.log, cast(TextIO, _Terminal(self._process))),
        ):
            yield

    def log(self, text: str, stream: str | None = None) -> None:
        """Take lines for the log."""
        self._order.turn_to(None)
        self._process.log(text, stream)

    def settle(self) -> None:
        """Wait, not for ever, until all of the log is written."""
        self._process.settle()


class _Terminal(io.TextIOBase):
    """The worker's standard error while that of the job is read; it needs no descriptor."""

    def __init__(self, process: RecordingProcess) -> None:
        self._process = process

    def writable(self) -> bool:
        return True

    def write(self, text: Any) -> int:
        if not self._process.call("terminal", text.encode(errors="backslashreplace")):
            sys.__stderr__.write(text)  # type: ignore[union-attr]  # there is one, see `begun`
        return len(text)
