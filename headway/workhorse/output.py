"""What reaches file descriptors 1 and 2 while a job runs: from Python, C, or a program it starts.

The job writes into two pipes, which the recording process reads (output_reader.py).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from headway import terminal
from headway.workhorse.log_lines import STDERR, STDOUT

NAMES = {1: STDOUT, 2: STDERR}
# How long, in seconds, Python waits when it turns from one pipe to the other; in all so much, and
# such a share of the job's time. The order is not worth more.
LONGEST_WAIT_SECONDS = 0.5
LEAST_WAITING_SECONDS = 2.0
WAITING_SHARE = 0.05
PAUSE_SECONDS = 0.00005


def can_be_redirected() -> bool:
    """Whether 1 and 2 are this process' standard output and error; it may have been without."""
    for number, stream in ((1, sys.__stdout__), (2, sys.__stderr__)):
        try:
            os.fstat(number)
            if stream is None or stream.fileno() != number:
                return False
        except (OSError, ValueError):
            return False
    return True


class InOrder:
    """Keeps what Python prints to one pipe, to the other, and says by itself in order.

    Nothing tells which of two pipes was written first. So, before Python turns from one to another,
    it waits until the first is read.
    """

    def __init__(self, unread: Callable[[], int]) -> None:
        """`unread` says how many bytes of what was said by itself are not read yet."""
        self._unread = unread
        self._last: int | None = None
        self._began = time.monotonic()
        self._waited = 0.0

    def turn_to(self, descriptor: int | None) -> None:
        """Python is about to write there; None is for what is said by itself."""
        if self._last != descriptor:
            self._wait()
            self._last = descriptor

    def _wait(self) -> None:
        begun = time.monotonic()
        if self._waited > LEAST_WAITING_SECONDS + WAITING_SHARE * (begun - self._began):
            return
        with suppress(OSError):  # the job has closed it
            while self._count() and time.monotonic() < begun + LONGEST_WAIT_SECONDS:
                time.sleep(PAUSE_SECONDS)
        self._waited += time.monotonic() - begun

    def _count(self) -> int:
        return self._unread() if self._last is None else unread_in(self._last, "FIONREAD")


def unread_in(descriptor: int, question: str) -> int:
    """How many bytes of what was written there are not read yet. Raises OSError.

    The question is FIONREAD, or of a socket TIOCOUTQ.
    """
    import fcntl  # noqa: PLC0415  # Windows has none
    import termios  # noqa: PLC0415  # as above

    number = getattr(termios, question)
    return int.from_bytes(fcntl.ioctl(descriptor, number, bytes(4)), sys.byteorder)


def pipes_to(hand_over: Callable[[list[int]], bool]) -> list[int]:
    """Open two pipes, for 1 and 2: the ends to write into.

    `hand_over` is given the ends to read from, and passes them to another process; where that has
    no time for them, it is False, and there are no ends.
    """
    (read_out, write_out), (read_err, write_err) = os.pipe(), os.pipe()
    is_taken = False
    try:
        is_taken = hand_over([read_out, read_err])
    finally:
        close([read_out, read_err] if is_taken else [read_out, read_err, write_out, write_err])
    return [write_out, write_err] if is_taken else []


def close(ends: list[int]) -> None:
    """Close these descriptors."""
    for end in ends:
        os.close(end)


@contextmanager
def redirected(ends: list[int], order: InOrder | None = None) -> Iterator[None]:
    """While the block runs, what is written to 1 and 2 goes into these, which are closed.

    Without any it goes where it went.
    """
    _flush()
    restored = [_made_line_buffered(stream) for stream in (sys.stdout, sys.stderr)]
    before = {number: os.dup(number) for number in NAMES} if ends else {}
    for end, number in zip(ends, before, strict=True):
        os.dup2(end, number)
    close(ends)
    terminal.before_write = order.turn_to if order is not None else None
    try:
        yield
    finally:
        _flush()
        terminal.before_write = None
        for number, descriptor in before.items():
            with suppress(OSError):  # the job has closed all that it found
                os.dup2(descriptor, number)
                os.close(descriptor)
        for restore in restored:
            restore()


def _made_line_buffered(stream: Any) -> Callable[[], None]:
    """Have each line written at once, in UTF-8; returns what undoes that.

    Else what Python prints would come behind what others write, and be lost with a kill.
    """
    if not hasattr(stream, "reconfigure"):
        return _nothing
    was = {"line_buffering": stream.line_buffering, "encoding": stream.encoding}
    stream.reconfigure(line_buffering=True, encoding="utf-8")
    return partial(stream.reconfigure, **was, errors=stream.errors)


def _nothing() -> None:
    """What there is to undo of a stream that was left as it was."""


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
