"""The recording process' end of what a job writes: it makes lines of what comes through the pipes.

What is read is written to where it would have gone without them.
"""

from __future__ import annotations

import codecs
import os
from typing import Any

from headway.model.record import now
from headway.terminal import write_to_terminal
from headway.workhorse.log_lines import Line, SaidLine
from headway.workhorse.output import NAMES, unread_in

# A look takes as much at once, in bytes; so much a pipe may hold.
READ_BYTES = 64 * 1024


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
        for descriptor, target in zip(descriptors, NAMES, strict=True):
            os.set_blocking(descriptor, False)
            self._pipes[descriptor] = _Pipe(descriptor, target)

    def read(self, descriptor: int) -> list[SaidLine]:
        """Lines of the job's log that are whole now."""
        pipe = self._pipes[descriptor]
        lines = pipe.read()
        if pipe.is_over:
            del self._pipes[descriptor]
            os.close(descriptor)
        return lines

    @property
    def begun(self) -> list[SaidLine]:
        """The job's lines that have not ended yet."""
        return [line for pipe in self._pipes.values() for line in pipe.begun()]

    def drain(self) -> list[SaidLine]:
        """All that the job wrote until now: it is over, and what it left behind is not its own."""
        lines: list[SaidLine] = []
        for pipe in [pipe for pipe in self._pipes.values() if pipe.is_current]:
            lines += pipe.read_all()
            pipe.is_current = False
        return lines


class _Pipe:
    """One end to read from."""

    def __init__(self, descriptor: int, target: int) -> None:
        self._descriptor = descriptor
        self._target = target
        self._decoder: Any = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun: Line | None = None
        self._read_at = ""
        self._left = 0
        self.is_current = True
        self.is_over = False

    def read(self) -> list[SaidLine]:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return []
        self._left -= len(data)
        self._read_at = now()
        if not data:
            self.is_over, self._left = True, 0
            return self.last()
        write_to_terminal(self._target, data)
        return self._lines(self._decoder.decode(data)) if self.is_current else []

    def read_all(self) -> list[SaidLine]:
        """What is there now, and no more: a program that was left behind may write for ever."""
        lines = []
        self._left = unread_in(self._descriptor, "FIONREAD")
        while self._left > 0:
            lines += self.read()
        return lines + self.last()

    def begun(self) -> list[SaidLine]:
        """The line of the job's that has not ended, if there is one."""
        if self._begun is None or not self.is_current:
            return []
        return self._said([self._begun.text])

    def last(self) -> list[SaidLine]:
        """The same, and it will not go on."""
        last, self._begun = self.begun(), None
        return last

    def _lines(self, text: str) -> list[SaidLine]:
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
        return self._said(lines)

    def _said(self, lines: list[str]) -> list[SaidLine]:
        return [SaidLine(line, NAMES[self._target], self._read_at) for line in lines]
