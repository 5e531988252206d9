"""An attempt: one run of a job's function, told to the store from its start to its end.

It lives in the process that runs the function, and opens the store there: nothing that is open
may go through a fork.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any, Self, TypeVar

from pydantic_core import to_jsonable_python
from rq import Retry

from headway.broker.changes import Publisher
from headway.endings import schedule_retry
from headway.errors import JobFailed, StoreLost, StoreUnavailable, UnknownJob
from headway.model.record import Failure, Record, Status, dumps, now
from headway.patience import LONGEST_SECONDS, retry_until_available
from headway.processes import this_process
from headway.progress import COMPLETE, report
from headway.settings import Settings
from headway.store import Writer, sql
from headway.workhorse import limits
from headway.workhorse.capture import captured
from headway.workhorse.failures import failure_of
from headway.workhorse.fate import Fate
from headway.workhorse.reporter import ENDED, REPORTED, Reporter

# How long, in milliseconds, a report waits for another process' write: the job goes on.
REPORT_BUSY_MILLISECONDS = 250
# The same of a start or an end, for each of the tries that `retry_until_available` makes.
END_BUSY_MILLISECONDS = 5_000
# Largest result kept with a record, in bytes; more belongs into an artifact.
RESULT_BYTES = 1_000_000
# How long, in seconds, an end is tried whose process is still short of what the job took from it.
STARVED_SECONDS = 1.0

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

# The fields that taking a job changes.
TAKEN = frozenset({"status", "worker", "started_at", "message", "run_at"})


def prepare(settings: Settings) -> None:
    """Build the writes that every job needs, before the forks: they cost a work-horse 12 ms."""
    Writer.announce(TAKEN, claim=True)
    for changed in (REPORTED, ENDED):
        Writer.announce(changed)
    sql.prepare(on_postgresql=settings.on_postgresql)


class Attempt:
    """Owns the store, the publisher and the reporter while a job's function runs."""

    def __init__(
        self, settings: Settings, beat: Callable[[], None], fate: Fate | None = None
    ) -> None:
        self._settings = settings
        self._beat = beat
        self._fate = fate
        self._open = ExitStack()
        self._reporter: Reporter | None = None
        self._ended = False
        self._result: Any = None
        self._has_returned = False
        # True when the job's own limits could not be lifted: the store may refuse for that alone.
        self._is_starved = False
        # True when it ended as somebody had asked for: RQ has to say the same.
        self.stopped = False

    def __enter__(self) -> Self:
        publisher = self._open.enter_context(Publisher(self._settings.redis_url))
        opened = retry_until_available(
            lambda: Writer(
                self._settings,
                busy_milliseconds=END_BUSY_MILLISECONDS,
                on_commit=publisher.publish,
            )
        )
        self.store = self._open.enter_context(opened)
        return self

    def __exit__(self, *_: object) -> None:
        if self._reporter is not None:
            self._reporter.end()
        self._open.close()

    @property
    def record(self) -> Record:
        """The record of the job that was taken."""
        assert self._reporter is not None
        return self._reporter.record

    def take(self, record: Record, worker: str) -> bool:
        """Make the record `started`; False when somebody else has it, or it is over."""
        mine = replace(
            record, status=Status.STARTED, worker=worker, started_at=now(), message="", run_at=None
        )
        taken = retry_until_available(lambda: self._taken(mine))
        if taken is None:
            return False
        self.store.wait_up_to(REPORT_BUSY_MILLISECONDS)
        self._reporter = Reporter(self._settings, self.store, taken, report, beat=self._beat)
        self._reporter.begin()
        if taken.attempt > 1:
            self._reporter.log(f"Attempt {taken.attempt} begins.")
        return True

    def _taken(self, mine: Record) -> Record | None:
        changes = {name: getattr(mine, name) for name in TAKEN}
        taken = self.store.save(mine, claim=True, process=this_process(), **changes)
        if taken is None:
            # A connection that broke at the commit hides that an earlier try took it.
            with suppress(UnknownJob):
                held = self.store.job(mine.id)
                own = (held.worker, held.started_at) == (mine.worker, mine.started_at)
                return held if own and held.status == Status.STARTED else None
        return taken

    def run(self, function: Callable[[], Any], *, retries: Callable[..., bool]) -> Any:
        """Run the function and record how it fails; returns or raises what it does.

        One that does well is not over: a callback may fail yet, see `finish`. `retries` tells
        whether RQ itself will run this job again: after a failure, or for the Retry that it is
        given. A returned Retry is RQ's business for an application's job; for one of ours the
        attempt failed.
        """
        assert self._reporter is not None
        try:
            with captured(self._reporter.log):
                result = function()
                kept = None if isinstance(result, Retry) else _kept(result)
        except JobFailed as error:
            # The author knows why it cannot be done; another try would tell the same.
            self.fail(failure_of(error), rq_will=retries(), hopeless=True)
            raise
        except BaseException as error:
            self.fail(_failure_of(error), rq_will=retries())
            raise
        if isinstance(result, Retry):
            return self._asked_again(result, retries)
        self._result, self._has_returned = kept, True
        return kept

    def finish(self) -> None:
        """Record that the job is finished, unless its end is recorded already."""
        if self._reporter is None or self._ended:
            return
        self._begin_to_end()
        if self._fate is not None:
            self._fate.finish()
        self._end(
            replace(
                self._reporter.newest(),
                status=Status.FINISHED,
                progress=COMPLETE,
                eta_seconds=None,
                result=self._result,
                ended_at=now(),
            )
        )

    def _asked_again(self, asked: Retry, retries: Callable[..., bool]) -> Retry:
        external = self.record.external
        said = "The job asked to be run again"
        if not external and self.record.attempt >= self.record.max_attempts:
            said += ", and has no attempt left"
        rq_will = external and retries(asked)
        if external and not rq_will:
            said += ", and was as often as it may"
        self.fail(Failure("Retry", f"{said}."), rq_will=rq_will, hopeless=external)
        if external:
            return asked
        # RQ would queue this very attempt once more, which is over.
        raise JobFailed(f"{said}.")

    def fail(self, failure: Failure, *, rq_will: bool, hopeless: bool = False) -> None:
        """Record that this attempt failed, unless its end is recorded already."""
        if self._reporter is None or self._ended:
            return
        self._begin_to_end()
        if self._has_returned:
            said = f"The function returned, then the job's callback failed: {failure.message}"
            failure = replace(failure, message=said)
        record = replace(self._reporter.newest(), ended_at=now(), eta_seconds=None)
        if rq_will or (record.attempt < record.max_attempts and not hopeless):
            self._again(record, failure, rq_will=rq_will)
        else:
            self._end(replace(record, status=Status.FAILED, error=failure))

    def _begin_to_end(self) -> None:
        self._ended = True
        self._is_starved = not limits.give_back()
        if self._fate is not None:
            self._fate.tell()

    def _again(self, record: Record, failure: Failure, *, rq_will: bool) -> None:
        reporter = self._reporter
        assert reporter is not None
        self.store.wait_up_to(END_BUSY_MILLISECONDS)
        reporter.log(f"Attempt {record.attempt} failed: {failure.message}")
        self._surely(reporter.write_out)
        reporter.end()
        following = self._surely(
            lambda: schedule_retry(
                self.store, record, failure, peak_memory_bytes(), rq_will=rq_will
            )
        )
        if following is not None:
            self.stopped = following.status == Status.STOPPED

    def _end(self, record: Record) -> None:
        reporter = self._reporter
        assert reporter is not None
        self.store.wait_up_to(END_BUSY_MILLISECONDS)
        if reporter.is_in_a_new_step():  # the timeline would not know of it
            self._surely(reporter.write_out)
        self._surely(lambda: reporter.save_final(record, peak_memory_bytes()))
        reporter.end()

    def _surely(self, act: Callable[[], Answer]) -> Answer:
        try:
            return retry_until_available(
                act, seconds=STARVED_SECONDS if self._is_starved else LONGEST_SECONDS
            )
        except StoreUnavailable as error:
            if self._fate is not None and (self._is_starved or isinstance(error, StoreLost)):
                log.warning("this process cannot tell how its job ended: %s", error)
                self._fate.leave_speechless()
            raise


def _failure_of(error: BaseException) -> Failure:
    if isinstance(error, MemoryError):
        limits.give_back()
        traceback.clear_frames(error.__traceback__)  # they hold what filled the memory
    return failure_of(error)


def peak_memory_bytes() -> int | None:
    """The most memory this process has held so far; None where nobody counts it."""
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
