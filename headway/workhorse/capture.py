"""What a job prints or logs, as lines of its log. It knows no store."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from headway.terminal import forgive_terminal
from headway.workhorse.log_lines import Line
from headway.workhorse.machinery import is_machinery


class _Tee(io.TextIOBase):
    """Hands whole lines on, and writes through to a stream, whether that takes it or not."""

    def __init__(self, stream: TextIO, take: Callable[[str], None]) -> None:
        self._stream = stream
        self._take = take
        # Each thread's own line, so that two that print at once do not mix theirs; without a lock,
        # for a fork could leave it closed for ever.
        self._begun: dict[int, Line] = {}

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
            line = self._begun.pop(thread, None)
            if line is not None:
                line.add(ended[0])
                ended[0] = line.text
            for whole in ended:
                self._take(Line(whole).text if "\r" in whole else whole)
        if begun:
            line = self._begun.get(thread)
            if line is None:
                self._begun[thread] = Line(begun)
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
        while self._begun:
            self._take(self._begun.popitem()[1].text)
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
