"""The reporter: writes a running job's reports to the store, as often as its throttle allows.

It never raises into the author's function. Trouble with the store is logged, and what could not
be written is written with the next report or at the end.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from time import monotonic
from typing import Any, Protocol, TypeVar

from headway.errors import StoreMisused, StoreUnavailable
from headway.files import ArtifactPart
from headway.model.record import Artifact, JsonDict, Record, Status, safe_text
from headway.progress import Report, percent, whole
from headway.settings import Settings
from headway.store.writer import Writer
from headway.workhorse.eta import Eta
from headway.workhorse.log_lines import LogLines, SaidLine, Unwritten
from headway.workhorse.throttle import Throttle

MESSAGE_CHARACTERS = 500
VALUE_CHARACTERS = 80
# Of a line that has not ended yet: every event has it.
OPEN_CHARACTERS = 300

# What may go wrong in a write. Not Exception: RQ's timeout is one, and has to get through.
WRITE_ERRORS = (
    StoreUnavailable,
    StoreMisused,
    OSError,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
)

# The fields that lines of the log, a report and an end may change.
LOGGED = frozenset({"log_lines", "open_lines"})
REPORTED = LOGGED | {
    "progress",
    "message",
    "step",
    "steps",
    "step_name",
    "eta_seconds",
    "artifact_count",
    "stalled",
}
ENDED = frozenset({"status", "result", "error", "ended_at"})

Number = TypeVar("Number", int, float)

log = logging.getLogger(__name__)


class LogElsewhere(Protocol):
    """What another process writes of a job: its log."""

    def log(self, text: str, stream: str | None = None) -> None:
        """Take lines."""

    def settle(self) -> None:
        """Wait, not for ever, until all of it is written."""


class Reporter:
    """Listens to a job's reports from its start to its end."""

    def __init__(
        self,
        settings: Settings,
        store: Writer,
        record: Record,
        report: Report,
        *,
        heartbeat: Callable[[], None],
        throttle: Throttle | None = None,
        flushes: bool = True,
        fields: frozenset[str] = REPORTED,
        elsewhere: LogElsewhere | None = None,
    ) -> None:
        """Without `flushes` no thread writes what the throttle held back: `tick` does.

        Of a report the `fields` are written; the log is not, where another process does that.
        """
        self._settings = settings
        self._store = store
        self._report = report
        self._heartbeat = heartbeat
        self._throttle = throttle or Throttle()
        self._eta = Eta()
        self._lines = LogLines(record.log_lines)
        self._elsewhere = elsewhere
        self._fields = fields if elsewhere is None else fields - LOGGED
        self._open_lines: list[JsonDict] = []
        self._files: list[Artifact] = []  # kept, and not written yet
        self._complained = False
        # Kinds of errors in the thread below that are logged already.
        self._logged: set[type[Exception]] = set()
        self._pid = os.getpid()
        # Reports may come from any thread of the job; one of them writes.
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._flusher = (
            threading.Thread(target=self._flush_late, name="reporter", daemon=True)
            if flushes
            else None
        )
        self.record = record

    def begin(self) -> None:
        """Listen. A thread writes what the throttle held back if no further report comes."""
        self._report.bind(self)
        if self._flusher is not None:
            self._flusher.start()

    def end(self) -> None:
        """Stop listening; may be called twice."""
        self._over.set()
        self._report.release()
        if self._flusher is not None and self._flusher.is_alive():
            self._flusher.join(timeout=2 * self._throttle.pause_seconds)

    def write(self) -> None:
        """Write the newest report; the next one may come after the window."""
        if self._in_a_child():
            return
        with self._lock:
            if self._over.is_set():
                return
            begun = monotonic()
            self._report.due = begun + self._throttle.window_seconds
            try:
                self._save(self._reported(), self._fields)
                self._report.due = self._throttle.after_write(begun, monotonic())
            except BaseException as error:
                self._report.due = self._throttle.after_failure(monotonic())
                self._report.dirty = True
                if not isinstance(error, WRITE_ERRORS):
                    raise
                log.warning("a report could not be written yet: %s", error)

    def save_final(self, record: Record, peak_memory_bytes: int | None) -> Record | None:
        """Write the record's end with what is not written yet. Raises StoreUnavailable."""
        if self._elsewhere is not None:
            self._elsewhere.settle()
        with self._lock:
            newest, known = self._reported(), self.record
            if (newest.step, newest.step_name) != (known.step, known.step_name):
                self.write_out()  # otherwise the timeline would not know of the step
            # A thread of the job may have left more since that record was made.
            last = replace(record, artifact_count=self.record.artifact_count)
            return self._save(last, self._fields | ENDED, peak_memory_bytes, at_end=True)

    def write_out(self) -> None:
        """Write what is not written yet. Raises StoreUnavailable."""
        if self._elsewhere is not None:
            self._elsewhere.settle()
        with self._lock:
            if not self._over.is_set():
                self._save(self._reported(), self._fields, at_end=True)

    def newest(self) -> Record:
        """The record with what was reported last, written or not."""
        with self._lock:
            return self._reported()

    def log(self, text: str, stream: str | None = None) -> None:
        """Take lines for the job's log."""
        if self._in_a_child():
            return
        if self._elsewhere is not None:
            self._elsewhere.log(text, stream)
            return
        with self._lock:
            self._lines.take(text, stream)
            self._report.dirty = True

    def hear(self, lines: list[SaidLine], begun: list[SaidLine] | None = None) -> None:
        """Take lines that were said in another process; and of those that have `begun`, all."""
        with self._lock:
            for line in lines:
                self._lines.take(*line)
            if begun is not None:
                self._open_lines = [_open_line(line) for line in begun if line.text.strip()]
            self._report.dirty = True

    def attach(self, name: str, content: bytes | str | PathLike[str]) -> None:
        """Keep a file, and write that at once. Raises ValueError for a name that is none."""
        if self._in_a_child():
            log.warning("a process that the job started cannot attach %r; the job itself can", name)
            return
        job = self.record
        with ArtifactPart(self._settings, job.id, name, content, job.attempt) as part, self._lock:
            self._files.append(part.put())
            self._report.dirty = True
        self.write()

    def _in_a_child(self) -> bool:
        # A process that the job forked has copies of our connections, which only one process may
        # use, and of our lock, which stays closed there if a thread held it at that moment.
        return os.getpid() != self._pid

    def _flush_late(self) -> None:
        while not self._over.wait(self._throttle.window_seconds):
            self.tick()

    def tick(self) -> None:
        """Say that the job lives, and write what the throttle held back, if that is due."""
        self._try(self._heartbeat)
        if self._report.dirty and monotonic() >= self._report.due:
            self._try(self.write)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # whatever it is, the job goes on and has more to report
            if type(error) not in self._logged:
                self._logged.add(type(error))
                log.exception("the reporter could not do its work, and goes on")

    def _reported(self) -> Record:
        report = self._report
        report.dirty = False
        progress = self._usable("progress", report.progress, percent)
        step = self._usable("step", report.number, whole)
        steps = self._usable("of", report.of, whole)
        message = "" if report.message is None else safe_text(report.message, MESSAGE_CHARACTERS)
        step_name = report.step_name
        return replace(
            self.record,
            status=Status.STARTED,
            progress=None if progress is None else round(progress, 2),
            message=message,
            step=step,
            steps=steps,
            step_name=None if step_name is None else safe_text(step_name, MESSAGE_CHARACTERS),
            eta_seconds=self._eta.update(progress, monotonic()),
            stalled=False,
            log_lines=self.record.log_lines if self._elsewhere else self._lines.last,
            open_lines=self._open_lines,
        )

    def _usable(
        self, name: str, value: Any, number_of: Callable[[Any], Number | None]
    ) -> Number | None:
        """What the author gave, as a number; the first that is none gets a line in the log."""
        number = number_of(value)
        if number is None and value is not None and not self._complained:
            self._complained = True
            # A text in its quotes; of anything else a repr may raise, and `safe_text` never does.
            given = repr(value[:VALUE_CHARACTERS]) if isinstance(value, str) else value
            self.log(f"report: {name} {safe_text(given, VALUE_CHARACTERS)} is not a number")
        return number

    def _save(
        self,
        record: Record,
        changed: frozenset[str],
        peak_memory_bytes: int | None = None,
        *,
        at_end: bool = False,
    ) -> Record | None:
        files, new = tuple(self._files), Unwritten(record.log_lines, [], None)
        if self._elsewhere is None and (at_end or self._lines.last != self.record.log_lines):
            new = self._lines.unwritten(at_end=at_end)
        if record.log_lines != new.last:  # lines were added since the record was made
            record = replace(record, log_lines=new.last)
        saved = self._store.save(
            record,
            **{name: getattr(record, name) for name in changed},
            lines=new.lines,
            left_out=new.left_out,
            artifacts=files,
            peak_memory_bytes=peak_memory_bytes,
        )
        if saved is None:
            # Another process ended this attempt: it may not write any more.
            self._over.set()
            return None
        self.record = saved
        if new.lines or new.left_out:
            self._lines.written(new)
        del self._files[: len(files)]
        return saved


def _open_line(line: SaidLine) -> JsonDict:
    text = safe_text(line.text, OPEN_CHARACTERS)
    return {"stream": line.stream, "at": line.at, "text": text}
