"""What a job prints or logs, as lines of its log. It knows no store."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

# Longest line that is gathered before it is taken as it is, in characters.
LINE_CHARACTERS = 4000
# Loggers of the machinery; a job's log is the job's.
NOT_THE_JOBS = ("rq", "jobs.")


class _Tee(io.TextIOBase):
    """Writes through to a stream and hands whole lines on."""

    def __init__(self, stream: TextIO, take: Callable[[str], None]) -> None:
        self._stream = stream
        self._take = take
        self._begun = ""

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
        self._stream.write(text)
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._take(line)
        if len(self._begun) > LINE_CHARACTERS:
            self.finish()
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        if self._begun:
            self._take(self._begun)
            self._begun = ""


class _Handler(logging.Handler):
    def __init__(self, take: Callable[[str], None]) -> None:
        super().__init__()
        self._take = take
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(NOT_THE_JOBS):
            return
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001  # as every handler of logging's own; it may be anything
            self.handleError(record)
        else:
            self._take(line)


@contextmanager
def captured(take: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, printed and logged lines go to `take` too."""
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
