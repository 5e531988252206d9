"""A run of an application's job, in the process that runs it: what it says goes to its record.

The record is written elsewhere, by the recording process, so that a job waits for no store.
"""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from os import PathLike
from time import monotonic
from typing import Any, Self

from pydantic_core import to_jsonable_python
from rq.job import Job

from headway.external import arguments_of, external_record, function_name, known_of
from headway.files import check_name, copy_aside
from headway.model.record import Failure, dumps, now, safe_text
from headway.progress import report
from headway.settings import Settings
from headway.terminal import forgive_terminal
from headway.workhorse import resource_limits
from headway.workhorse.attempt import RESULT_BYTES, peak_memory_bytes
from headway.workhorse.job_log import captured, logged
from headway.workhorse.output import InOrder, can_be_redirected, close, pipes_to, redirected
from headway.workhorse.recording_process import RecordingProcess
from headway.workhorse.shared_state import SharedState
from headway.workhorse.throttle import Throttle

# Of a result that is not kept here, this many characters are shown.
SHOWN_CHARACTERS = 400
REPORTED = ("progress", "message", "step_name", "number", "of")


class ExternalRun:
    """One run, from before RQ's marks on its start to after RQ's commit of its end.

    A worker that forks makes it before: for the work-horse each page of memory that it is the
    first to touch costs time.
    """

    def __init__(
        self,
        settings: Settings,
        recorded: RecordingProcess,
        job: Job,
        shared: SharedState,
    ) -> None:
        self._settings = settings
        self._recorded = recorded
        self._job = job
        self._window_seconds = Throttle().window_seconds
        self._over: threading.Event | None = None
        self._flusher: threading.Thread | None = None
        self._lock = threading.Lock()
        self._capture = ExitStack()
        self._order = InOrder(recorded.unread)
        # Where its output goes, once that is open.
        self._ends: list[int] = []
        self.shared = shared
        self.pid = 0
        # What the function raised, or its callback after it had returned.
        self.exception: BaseException | None = None
        self.has_returned = False

    def announce(self) -> None:
        """In the worker, before it forks: say what runs next, as far as that needs no pickle."""
        if not can_be_redirected():
            return
        known = known_of(self._job)
        self._ends = pipes_to(lambda ends: self._recorded.hand_over(ends, "expect", *known))

    def let_go(self) -> None:
        """In the worker, after the fork: the output is the work-horse's."""
        close(self._ends)
        self._ends = []

    def __enter__(self) -> Self:
        self.pid = os.getpid()
        is_read_elsewhere = not self._recorded.is_here and can_be_redirected()
        self._begin(is_read_elsewhere=is_read_elsewhere)
        report.bind(self)
        if self._recorded.is_here:
            self._flush_from_now_on()
        if is_read_elsewhere:
            forgive_terminal()
            self._capture.enter_context(redirected(self._ends, self._order))
            self._capture.enter_context(logged(self.log))
        else:
            self._capture.enter_context(captured(self.log))
        self.shared.start_limit(self._job.timeout or 0)
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.close()
        report.release()
        if self._over is not None:
            self._over.set()
        if self._flusher is not None and os.getpid() == self.pid:
            self._flusher.join(timeout=1)
        self._recorded.leave()

    def _begin(self, *, is_read_elsewhere: bool) -> None:
        # The arguments as text: what is nested deeply can be JSON, but no pickle.
        function, arguments = function_name(self._job), arguments_of(self._job)
        known = known_of(self._job)
        if self._ends:
            self._recorded.call("forked", function, arguments, self.pid)
        elif is_read_elsewhere:
            said = "run", known, function, arguments, self.pid
            self._ends = pipes_to(lambda ends: self._recorded.hand_over(ends, *said))
        else:
            asked = external_record(function, *known)
            self._recorded.call("begin", asked, arguments, self.pid)

    def write(self) -> None:
        """Pass the newest report on; the next one may come after the window."""
        if os.getpid() != self.pid:
            return
        with self._lock:
            report.due = monotonic() + self._window_seconds
            report.dirty = False
            said = {name: _plain(getattr(report, name)) for name in REPORTED}
            self._recorded.call("report", said)
        self._flush_from_now_on()

    def log(self, text: str, stream: str | None = None) -> None:
        """Pass lines of the log on, also of a process that the job forked."""
        self._order.turn_to(None)
        self._recorded.log(text, stream)

    def attach(self, name: str, content: bytes | str | PathLike[str]) -> None:
        """Keep a file, as it is now. Raises ValueError for a name that is none."""
        check_name(name)
        self._recorded.call("attach", name, str(copy_aside(self._settings, content)))

    def note_end(self, raised: BaseException | None) -> None:
        """The function returned, or what was `raised` ended it; the first end counts."""
        self._capture.close()
        if raised is None:
            self.has_returned = self.exception is None
        elif self.exception is None:
            self.exception = raised

    def begin_to_end(self) -> None:
        """RQ is about to commit how the job ended: from here on its worker does not end it."""
        self.shared.clear_limit()
        if not self.shared.ending_since:
            resource_limits.restore()
            self.shared.begin_to_end()

    def finish(self) -> None:
        """RQ has it as finished."""
        self._last_words()
        self.shared.finished = True
        result, said = _kept(self._job)
        self._recorded.call("finish", result, said, now(), peak_memory_bytes())

    def fail(self, status: str | None, failure: Failure, run_at: str | None) -> None:
        """RQ has it as failed or stopped, or runs it again, at `run_at` or at once."""
        self._last_words()
        self._recorded.call("fail", status, failure, run_at, now(), peak_memory_bytes())

    def _last_words(self) -> None:
        self._capture.close()
        if report.dirty:
            self.write()

    def _flush_from_now_on(self) -> None:
        if self._flusher is None:
            self._over = over = threading.Event()
            self._flusher = threading.Thread(
                target=self._flush, args=(over,), name="reporter", daemon=True
            )
            self._flusher.start()

    def _flush(self, over: threading.Event) -> None:
        while not over.wait(self._window_seconds):
            self._recorded.tick()
            if report.dirty and monotonic() >= report.due:
                self.write()


def _plain(value: Any) -> Any:
    # What another process can be sent without the author's code; of the rest, what it shows.
    return value if value is None or type(value) in {int, float, str, bool} else _shown(value)


def _shown(value: Any) -> Any:
    try:
        return float(value)
    except Exception:  # noqa: BLE001  # an author's object may raise anything
        return safe_text(value, SHOWN_CHARACTERS)


def _kept(job: Job) -> tuple[str, str]:
    """A result as JSON, as it is kept, and else what to say of it."""
    result = job._result
    try:
        text = dumps(to_jsonable_python(result))
        if len(text.encode()) <= RESULT_BYTES:
            return text, ""
        what = "more than is kept here"
    except (ValueError, RecursionError):
        what = "no JSON"
    keeps = "RQ keeps it" if _can_keep(job) else "RQ cannot keep it either"
    shown = safe_text(result, SHOWN_CHARACTERS)
    return dumps(None), f"Returned {type(result).__name__}, {what}; {keeps}: {shown}"


def _can_keep(job: Job) -> bool:
    try:
        job.serializer.dumps(job._result)
    except Exception:  # noqa: BLE001  # an application's serializer may raise anything
        return False
    return True
