"""What a job prints or logs, as lines of its log. It knows no store."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from jobs.log_lines import LINE_CHARACTERS

# Loggers of the machinery; a job's log is the job's.
NOT_THE_JOBS = ("rq", "jobs.")


class _Tee(io.TextIOBase):
    """Writes through to a stream and hands whole lines on."""

    def __init__(self, stream: TextIO, take: Callable[[str], None]) -> None:
        self._stream = stream
        self._take = take
        # Each thread's own line, so that two that print at once do not mix theirs; without a lock,
        # for a fork could leave it closed for ever.
        self._begun: dict[int, str] = {}

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
        thread = threading.get_ident()
        *lines, begun = (self._begun.pop(thread, "") + text).split("\n")
        if len(begun) > LINE_CHARACTERS:
            lines, begun = [*lines, begun], ""
        if begun:
            self._begun[thread] = begun
        for line in lines:
            self._take(line)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        while self._begun:
            self._take(self._begun.popitem()[1])


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
