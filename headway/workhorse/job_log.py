"""A job's log by Python's own streams and its logging.

Where a recording process reads what a job writes (output.py), of these only the logging counts.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TextIO

from headway.terminal import forgive_terminal
from headway.workhorse.failures import is_machinery
from headway.workhorse.log_lines import STDERR, STDOUT, Line

FORMAT = logging.Formatter("%(levelname)s %(name)s: %(message)s")


class Take(Protocol):
    """What takes lines for the log."""

    def __call__(self, text: str, stream: str | None = None) -> None:
        """Take a line, or several."""


@contextmanager
def captured(take: Take) -> Iterator[None]:
    """While the block runs, printed and logged lines go to `take` too."""
    forgive_terminal()
    out, err = sys.stdout, sys.stderr
    tees = _Tee(out, STDOUT, take), _Tee(err, STDERR, take)
    sys.stdout, sys.stderr = tees
    try:
        with _handling(take):
            yield
    finally:
        sys.stdout, sys.stderr = out, err
        for tee in tees:
            tee.finish()


@contextmanager
def logged(take: Take) -> Iterator[None]:
    """While the block runs, logged lines go to `take`, unless a stream has them anyway."""
    root = logging.getLogger()
    if any(isinstance(handler, logging.StreamHandler) for handler in root.handlers):
        yield
        return
    with _handling(take):
        yield


@contextmanager
def logged_apart(take: Take, terminal: TextIO) -> Iterator[None]:
    """While the block runs, logged lines go to `take`, and to `terminal` what streams would have.

    So nothing is there twice where the streams are read too, and the machinery's lines are not the
    job's.
    """
    moved = [(handler, handler.stream) for handler in _handlers_of_streams()]
    for handler, _ in moved:
        handler.setStream(terminal)
    try:
        with _handling(take):
            yield
    finally:
        for handler, stream in moved:
            handler.setStream(stream)


@contextmanager
def _handling(take: Take) -> Iterator[None]:
    root, handler = logging.getLogger(), _Handler(take)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _handlers_of_streams() -> list[Any]:
    """Those that write to a standard stream what the root logger gets too."""
    streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    loggers = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    return [
        handler
        for logger in loggers
        if isinstance(logger, logging.Logger) and logger.propagate
        for handler in logger.handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream in streams
    ]


class _Tee(io.TextIOBase):
    """Passes whole lines to `take`, and writes to a stream too, which may fail."""

    def __init__(self, stream: TextIO, name: str, take: Take) -> None:
        self._stream = stream
        self._name = name
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
                self._take(Line(whole).text if "\r" in whole else whole, self._name)
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
            self._take(self._open_lines.popitem()[1].text, self._name)
        self.flush()


class _Handler(logging.Handler):
    def __init__(self, take: Take) -> None:
        super().__init__()
        self._take = take
        self.setFormatter(FORMAT)

    def emit(self, record: logging.LogRecord) -> None:
        if is_machinery(record.name):
            return
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001  # as every handler of logging's own; it may be anything
            self.handleError(record)
        else:
            self._take(line)
