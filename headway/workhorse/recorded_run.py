"""A run of an application's job, recorded in the process that runs it.

RQ decides what becomes of such a job, so its record follows: what RQ has committed is recorded
after it. A kind of ours is the other way round, see attempt.py.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any, Self

from pydantic_core import to_jsonable_python
from rq.job import Job, JobStatus

from headway.endings import follow_rq
from headway.errors import StoreUnavailable
from headway.model.record import Failure, Record, Status, dumps, now, safe_text
from headway.patience import retry_until_available
from headway.progress import COMPLETE, report
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse import resource_limits
from headway.workhorse.attempt import (
    END_BUSY_MILLISECONDS,
    REPORT_BUSY_MILLISECONDS,
    RESULT_BYTES,
    peak_memory_bytes,
)
from headway.workhorse.job_log import captured
from headway.workhorse.reporter import Reporter
from headway.workhorse.shared_state import SharedState

# Of a result that is not kept here, this many characters are shown.
SHOWN_CHARACTERS = 400

log = logging.getLogger(__name__)


class RecordedRun:
    """One run, from before RQ's marks on its start to after RQ's commit of its end."""

    def __init__(
        self,
        settings: Settings,
        store: Writer,
        record: Record,
        job: Job,
        *,
        heartbeat: Callable[[], None],
        shared: SharedState | None = None,
        patience_seconds: float = 0.0,
    ) -> None:
        self._store = store
        self._job = job
        # How long, in seconds, each write of the end is tried.
        self._patience_seconds = patience_seconds
        self._reporter = Reporter(settings, store, record, report, heartbeat=heartbeat)
        self._capture = ExitStack()
        self._recorded = False
        self.pid = os.getpid()
        self.shared = shared or SharedState()
        # What the function raised, or its callback after it had returned.
        self.exception: BaseException | None = None
        self.has_returned = False

    def __enter__(self) -> Self:
        self._store.wait_up_to(REPORT_BUSY_MILLISECONDS)
        self._reporter.begin()
        if self._reporter.record.attempt > 1:
            self._reporter.log(f"Attempt {self._reporter.record.attempt} begins.")
        self._capture.enter_context(captured(self._reporter.log))
        self.shared.start_limit(self._job.timeout or 0)
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.close()
        self._reporter.end()

    def note_end(self, raised: BaseException | None) -> None:
        """The function returned, or what was `raised` ended it; the first end counts."""
        if raised is None:
            self.has_returned = self.exception is None
        elif self.exception is None:
            self.exception = raised

    def is_to_stop(self) -> bool:
        """True when somebody has asked for the job to be stopped."""
        with suppress(StoreUnavailable):
            return self._store.stop_asked_by(self._job.id) is not None
        return False

    def begin_to_end(self) -> None:
        """RQ is about to commit how the job ended: from here on its worker does not end it."""
        self.shared.clear_limit()
        if not self.shared.ending_since:
            resource_limits.restore()
            self.shared.begin_to_end()

    def finish(self) -> None:
        """RQ has it as finished."""
        result, said = _kept(self._job._result)
        newest = self._reporter.newest()
        self.shared.finished = True
        self._record(
            lambda: self._save_final(
                status=Status.FINISHED,
                progress=COMPLETE,
                result=result,
                message=said or newest.message,
            )
        )

    def fail(self, status: JobStatus | None, failure: Failure, run_at: str | None) -> bool:
        """RQ has it as failed or stopped, or runs it again, at `run_at` or at once.

        False where it must not run again: somebody has asked for it to be stopped.
        """
        if status == JobStatus.FAILED:
            self._record(lambda: self._save_final(status=Status.FAILED, error=failure))
            return True
        if status != JobStatus.STOPPED:
            attempt = self._reporter.record.attempt
            self._reporter.log(f"Attempt {attempt} failed: {failure.message}")
        ended: list[Record | None] = []
        self._record(lambda: ended.append(self._move_on(status, failure, run_at)))
        stopped = [record for record in ended if record and record.status == Status.STOPPED]
        return status == JobStatus.STOPPED or not stopped

    def _move_on(
        self, status: JobStatus | None, failure: Failure, run_at: str | None
    ) -> Record | None:
        self._reporter.write_out()
        record = replace(self._reporter.newest(), ended_at=now(), eta_seconds=None)
        peak = peak_memory_bytes()
        return follow_rq(
            self._store, record, status, failure, run_at=run_at, peak_memory_bytes=peak
        )

    def _save_final(self, **changes: Any) -> None:
        newest = replace(self._reporter.newest(), ended_at=now(), eta_seconds=None, **changes)
        self._reporter.save_final(newest, peak_memory_bytes())

    def _record(self, act: Callable[[], None]) -> None:
        if self._recorded:
            return
        self._recorded = True
        self._capture.close()
        self._store.wait_up_to(END_BUSY_MILLISECONDS)
        try:
            retry_until_available(act, seconds=self._patience_seconds)
        except StoreUnavailable as error:
            # RQ knows how it ended, and the record follows when the store is back.
            log.warning("the end of job %s is not recorded yet: %s", self._job.id, error)
        self._reporter.end()


def _kept(result: Any) -> tuple[Any, str]:
    """A result as it is kept with the record, and else what to say of it: RQ has it."""
    try:
        value = to_jsonable_python(result)
        if len(dumps(value).encode()) <= RESULT_BYTES:
            return value, ""
        what = "more than is kept here"
    except (ValueError, RecursionError):
        what = "no JSON"
    shown = safe_text(result, SHOWN_CHARACTERS)
    return None, f"Returned {type(result).__name__}, {what}; RQ keeps it: {shown}"
