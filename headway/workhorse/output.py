"""What reaches file descriptors 1 and 2 while a job runs: from Python, C, or a program it starts.

The job writes into two pipes. The recording process reads them, makes lines of what comes, and
writes it to where it would have gone.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from headway.workhorse.job_log import Line

STDOUT, STDERR = 1, 2
# A look takes as much at once, in bytes; so much a pipe may hold.
READ_BYTES = 64 * 1024


@contextmanager
def redirected(hand_over: Callable[[list[int]], bool]) -> Iterator[None]:
    """While the block runs, what is written to 1 and 2 goes into pipes.

    `hand_over` is given the ends to read from, and passes them to another process; where that has
    no time for them, it is False, and what is written goes where it went.
    """
    _flush()
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "reconfigure")]
    buffered = [stream for stream in streams if not stream.line_buffering]
    for stream in buffered:
        # Else what Python prints would come behind what others write, and be lost with a kill.
        stream.reconfigure(line_buffering=True)
    before = [os.dup(STDOUT), os.dup(STDERR)]
    (read_out, write_out), (read_err, write_err) = os.pipe(), os.pipe()
    try:
        if hand_over([read_out, read_err]):
            os.dup2(write_out, STDOUT)
            os.dup2(write_err, STDERR)
    finally:
        for end in (read_out, read_err, write_out, write_err):
            os.close(end)
    try:
        yield
    finally:
        _flush()
        for descriptor, target in zip(before, (STDOUT, STDERR), strict=True):
            os.dup2(descriptor, target)
            os.close(descriptor)
        for stream in buffered:
            stream.reconfigure(line_buffering=False)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


class Output:
    """The ends to read from, of the job that runs and of what earlier ones left behind."""

    def __init__(self) -> None:
        self._pipes: dict[int, _Pipe] = {}

    @property
    def descriptors(self) -> list[int]:
        """What may have something to read."""
        return list(self._pipes)

    def take(self, descriptors: list[int]) -> None:
        """A job begins, whose standard output and error can be read here."""
        for pipe in self._pipes.values():
            pipe.is_current = False
        for descriptor, target in zip(descriptors, (STDOUT, STDERR), strict=True):
            os.set_blocking(descriptor, False)
            self._pipes[descriptor] = _Pipe(descriptor, target)

    def read(self, descriptor: int) -> list[str]:
        """Lines of the job's log that are whole now."""
        pipe = self._pipes[descriptor]
        lines = pipe.read()
        if pipe.is_over:
            del self._pipes[descriptor]
            os.close(descriptor)
        return lines

    def drain(self) -> list[str]:
        """All that the job wrote until now: it is over, and what it left behind is not its own."""
        lines: list[str] = []
        for pipe in [pipe for pipe in self._pipes.values() if pipe.is_current]:
            pipe.has_more = True
            while pipe.has_more:
                lines += pipe.read()
            lines += pipe.last()
            pipe.is_current = False
        return lines


class _Pipe:
    """One end to read from."""

    def __init__(self, descriptor: int, target: int) -> None:
        self._descriptor = descriptor
        self._target = target
        self._decoder: Any = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun: Line | None = None
        self.is_current = True
        # False after a look that found nothing.
        self.has_more = True
        self.is_over = False

    def read(self) -> list[str]:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            self.has_more = False
            return []
        self.has_more = bool(data)
        if not data:
            self.is_over = True
            return self.last()
        with suppress(OSError):  # the terminal is not the job's trouble
            os.write(self._target, data)
        return self._lines(self._decoder.decode(data)) if self.is_current else []

    def last(self) -> list[str]:
        """The line that was begun and did not end."""
        begun, self._begun = self._begun, None
        return [begun.text] if begun is not None and self.is_current else []

    def _lines(self, text: str) -> list[str]:
        *whole, begun = text.split("\n")
        lines = []
        for piece in whole:
            line, self._begun = self._begun or Line(), None
            line.add(piece)
            lines.append(line.text)
        if begun:
            if self._begun is None:
                self._begun = Line(begun)
            else:
                self._begun.add(begun)
        return lines
