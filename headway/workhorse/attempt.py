"""An attempt: one run of a job's function, recorded in the store from its start to its end.

It lives in the process that runs the function, and its store is opened there: nothing that is
open may go through a fork.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self, TypeVar

from pydantic_core import to_jsonable_python
from rq import Retry

from headway.availability import LONGEST_SECONDS, retry_until_available
from headway.broker.changes import Publisher
from headway.errors import JobFailed, StoreLost, StoreUnavailable
from headway.model.record import Failure, Record, Status, dumps, now
from headway.progress import COMPLETE, report
from headway.retry_policy import schedule_retry
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse import resource_limits
from headway.workhorse.failures import failure_of
from headway.workhorse.job_log import captured
from headway.workhorse.recorded_log import RecordedLog
from headway.workhorse.recording_process import RecordingProcess
from headway.workhorse.reporter import Reporter
from headway.workhorse.shared_state import SharedState

# How long, in milliseconds, a report waits for another process' write: the job goes on.
REPORT_BUSY_MILLISECONDS = 250
# The same of a start or an end, for each of the tries that `retry_until_available` makes.
END_BUSY_MILLISECONDS = 5_000
# Largest result kept with a record, in bytes; more belongs into an artifact.
RESULT_BYTES = 1_000_000
# How long, in seconds, recording an end is tried while the job's own limits cannot be lifted.
STARVED_SECONDS = 1.0
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """The function returned this, as JSON has it."""

    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed."""

    failure: Failure
    # True when another attempt would fail the same way.
    hopeless: bool = False


@contextmanager
def opened_store(settings: Settings) -> Iterator[Writer]:
    """A work-horse's store, whose changes are published; waits until it can be used."""
    with Publisher(settings.redis_url) as publisher:
        opened = retry_until_available(
            lambda: Writer(
                settings, busy_milliseconds=END_BUSY_MILLISECONDS, on_commit=publisher.publish
            )
        )
        with opened as store:
            yield store


class Attempt:
    """A claimed job's run, from its function's first line to its recorded end."""

    def __init__(
        self,
        settings: Settings,
        store: Writer,
        record: Record,
        *,
        heartbeat: Callable[[], None],
        shared: SharedState | None = None,
        recording: RecordingProcess | None = None,
    ) -> None:
        """Where there is a `recording` process, it reads and writes the log."""
        self._store = store
        self.shared = shared or SharedState()
        self._log = RecordedLog.begun(recording, record)
        self._reporter = Reporter(
            settings, store, record, report, heartbeat=heartbeat, elsewhere=self._log
        )
        self._ended = False
        # What the function returned; its callback may fail yet.
        self._returned: Finished | None = None
        # How long, in seconds, each write of the end is tried.
        self._patience = float(LONGEST_SECONDS)
        # True when it ended because it was asked to stop: RQ has to say the same.
        self.stopped = False

    def __enter__(self) -> Self:
        self._store.wait_up_to(REPORT_BUSY_MILLISECONDS)
        self._reporter.begin()
        if self.record.attempt > 1:
            self._reporter.log(f"Attempt {self.record.attempt} begins.")
        return self

    def __exit__(self, *_: object) -> None:
        self._reporter.end()

    @property
    def record(self) -> Record:
        """The record, as it was written last."""
        return self._reporter.record

    def run(self, function: Callable[[], Any]) -> Any:
        """Run the function and record how it fails; returns or raises what it does.

        One that returned is not over: its callback may fail yet, see `finish`.
        """
        try:
            with self._log.captured() if self._log else captured(self._reporter.log):
                result = function()
                if isinstance(result, Retry):
                    self._end_asked_again()
                kept = _kept(result)
        except JobFailed as error:
            # The author knows why it cannot be done; another attempt would fail the same way.
            self.end(Failed(failure_of(error), hopeless=True))
            raise
        except BaseException as error:
            self.end(Failed(_failure_of(error)))
            raise
        self._returned = Finished(kept)
        return kept

    def finish(self) -> None:
        """Record that the job is finished, unless its end is recorded already."""
        self.end(self._returned or Finished(None))

    def end(self, outcome: Finished | Failed) -> None:
        """Record how the attempt ended, unless its end is recorded already.

        Raises StoreUnavailable.
        """
        self.shared.clear_limit()
        if self._ended:
            return
        self._ended = True
        if not resource_limits.restore():
            self._patience = STARVED_SECONDS  # the store may refuse for that alone
        self.shared.begin_to_end()
        self._store.wait_up_to(END_BUSY_MILLISECONDS)
        if isinstance(outcome, Failed):
            self._end_failed(outcome)
        else:
            self.shared.finished = True
            self._save_final(status=Status.FINISHED, progress=COMPLETE, result=outcome.result)
        self._reporter.end()

    def _end_failed(self, outcome: Failed) -> None:
        failure, record = outcome.failure, self.record
        if self._returned is not None:
            said = f"The function returned, then the job's callback failed: {failure.message}"
            failure = replace(failure, message=said)
        if record.attempt < record.max_attempts and not outcome.hopeless:
            self._end_with_retry(failure)
        else:
            self._save_final(status=Status.FAILED, error=failure)

    def _end_with_retry(self, failure: Failure) -> None:
        record = replace(self._reporter.newest(), ended_at=now(), eta_seconds=None)
        self._reporter.log(f"Attempt {record.attempt} failed: {failure.message}")
        self._surely(self._reporter.write_out)
        self._reporter.end()
        following = self._surely(
            lambda: schedule_retry(self._store, record, failure, peak_memory_bytes())
        )
        self.stopped = following is not None and following.status == Status.STOPPED

    def _end_asked_again(self) -> NoReturn:
        said = "The job asked to be run again"
        if self.record.attempt >= self.record.max_attempts:
            said += ", and has no attempt left"
        self.end(Failed(Failure("Retry", f"{said}.")))
        # RQ would queue this very attempt once more, which is over.
        raise JobFailed(f"{said}.")

    def _save_final(self, **changes: Any) -> None:
        newest = self._reporter.newest()
        record = replace(newest, ended_at=now(), eta_seconds=None, **changes)
        self._surely(lambda: self._reporter.save_final(record, peak_memory_bytes()))

    def _surely(self, act: Callable[[], Answer]) -> Answer:
        try:
            return retry_until_available(act, seconds=self._patience)
        except StoreUnavailable as error:
            is_starved = self._patience == STARVED_SECONDS
            if self.shared.watched and (is_starved or isinstance(error, StoreLost)):
                log.warning("this process cannot record how its job ended: %s", error)
                self.shared.exit_speechless()
            raise


def _failure_of(error: BaseException) -> Failure:
    if isinstance(error, MemoryError):
        resource_limits.restore()
        traceback.clear_frames(error.__traceback__)  # they hold what filled the memory
    return failure_of(error)


def peak_memory_bytes() -> int | None:
    """The most memory this process has held so far; None if that is not known."""
    try:
        import resource  # noqa: PLC0415  # Windows has none
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _kept(result: Any) -> Any:
    try:
        text = dumps(to_jsonable_python(result))
    except ValueError as error:
        # Another try would return the same.
        raise JobFailed(f"What the job returned cannot be kept as JSON: {error}") from None
    size = len(text.encode())
    if size > RESULT_BYTES:
        raise JobFailed(
            f"The result is {size} bytes of JSON; more than {RESULT_BYTES} belong into a "
            "file: report.attach(name, content)."
        )
    return json.loads(text)
