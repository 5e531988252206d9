"""The follower: the records of applications' jobs follow what RQ has, whatever runs them.

Where a worker records, it is the first to know, and the follower only puts right what was missed:
the end of a job whose worker died, say. Where none does, the record is what RQ says.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from headway.broker.claims import queue_of
from headway.broker.queues import EARLIER_WORK, WORK
from headway.errors import UnknownJob
from headway.external import why_deferred
from headway.mirror.rq_job import RqJob
from headway.model.record import (
    FINAL,
    WAITING,
    Failure,
    Origin,
    Record,
    Status,
    dumps,
    now,
    safe_text,
)
from headway.progress import COMPLETE
from headway.store import Writer
from headway.workhorse.attempt import RESULT_BYTES
from headway.workhorse.failures import failure_said

# RQ's statuses, with those that are a step within another one here.
STATUSES = {
    "queued": Status.QUEUED,
    "ready_to_enqueue": Status.QUEUED,
    "rate_limited": Status.QUEUED,
    "deferred": Status.DEFERRED,
    "scheduled": Status.SCHEDULED,
    "started": Status.STARTED,
    "finished": Status.FINISHED,
    "failed": Status.FAILED,
    "stopped": Status.STOPPED,
    "canceled": Status.CANCELED,
}
KIND_CHARACTERS = 500
TITLE_CHARACTERS = 120
MESSAGE_CHARACTERS = 500
UNNAMED = "(cannot be read)"
RETRIED = Failure("Retried", "RQ runs this job again.")
NO_RESULT = "RQ keeps no result of this job."
LOST = (
    "Redis has lost this job, or somebody deleted it there;"
    " the program that enqueued it has to do so again."
)
# Jobs that are looked at once more.
MOST_DOUBTS = 10_000

log = logging.getLogger(__name__)


class Follower:
    """Moves records to where RQ has their jobs. For one thread at a time."""

    def __init__(self, store: Writer) -> None:
        self._store = store
        # What RQ said of a job that a worker records, when the record said something else: the
        # worker is about to write it.
        self._doubts: dict[str, tuple[Any, ...]] = {}

    def follow(self, job: RqJob, *, run_at: str | None = None) -> Record | None:
        """Move a job's record to what RQ has now; `run_at` is when RQ runs a scheduled one.

        Returns the record as it is then; None for a job of ours, and for one that was deleted here.
        Raises StoreUnavailable.
        """
        status = STATUSES.get(job.status or "")
        if status is None or job.function in {WORK, EARLIER_WORK}:
            return None
        try:
            known = self._store.job(job.id)
        except UnknownJob:
            return self._new(job, status, run_at)
        if not known.external:
            return None
        if known.status == status:
            self._doubts.pop(job.id, None)
            return self._refreshed(known, job, run_at)
        if not self._is_sure(known, job):
            return known
        return self._moved(known, job, status, run_at)

    def gone(self, known: Record, job: RqJob | None) -> Record | None:
        """RQ has nothing more of a job whose record is not final; `job` is what it had before.

        RQ itself removes only what did well and has a result that is not to be kept.
        """
        if not self._is_sure(known, None):
            return known
        ran = known.status == Status.STARTED and not known.stalled
        ended: dict[str, Any] = {"status": Status.FAILED, "error": Failure("RedisLost", LOST)}
        if ran or (job is not None and job.result_ttl == 0):
            ended = {"status": Status.FINISHED, "progress": COMPLETE, "message": NO_RESULT}
        return self._store.save(known, follow=True, ended_at=now(), run_at=None, **ended)

    @property
    def doubtful(self) -> list[str]:
        """Ids of jobs to be looked at once more."""
        return list(self._doubts)

    def _is_sure(self, known: Record, job: RqJob | None) -> bool:
        """False for what is seen for the first time, while a worker may be about to write it."""
        if not known.recorded or known.stalled:
            return True
        seen = (known.seq, job and (job.status, job.enqueued_at, job.started_at, job.ended_at))
        if self._doubts.pop(known.id, None) == seen:
            return True
        if len(self._doubts) < MOST_DOUBTS:
            self._doubts[known.id] = seen
        return False

    def _new(self, job: RqJob, status: Status, run_at: str | None) -> Record | None:
        created = job.created_at or job.enqueued_at or now()
        name = job.function or UNNAMED
        record = Record(
            id=job.id,
            kind=safe_text(name, KIND_CHARACTERS),
            queue=queue_of(job.origin or "default"),
            title=safe_text(name.rpartition(".")[2] or name, TITLE_CHARACTERS),
            status=Status.QUEUED,
            seq=0,
            attempt=1,
            max_attempts=1 + (job.retries_left or 0),
            origin=Origin.APPLICATION,
            recorded=False,
            params=_params(job),
            created_at=created,
            updated_at=created,
        )
        changes = self._changes(job, status, run_at)
        if status not in FINAL:  # one that was deleted here, and enqueued again
            again = self._store.recreate(replace(record, **changes))
            if again is not None:
                return again
        return self._store.save(record, follow=True, **changes)

    def _refreshed(self, known: Record, job: RqJob, run_at: str | None) -> Record | None:
        if known.recorded and known.status not in WAITING:
            return known
        # What a job said before its worker was lost is no news.
        if known.status in FINAL or known.stalled:
            return known
        # A look at the job alone does not say when RQ runs it.
        changes = self._changes(job, known.status, run_at or known.run_at)
        different = {
            name: value for name, value in changes.items() if getattr(known, name) != value
        }
        return self._store.save(known, follow=True, **different) if different else known

    def _moved(
        self, known: Record, job: RqJob, status: Status, run_at: str | None
    ) -> Record | None:
        # A run that is over, and another one after it.
        again = known.status in FINAL or (known.status == Status.STARTED and status in WAITING)
        if again and not (known.status in FINAL and status in FINAL):
            failure = RETRIED if known.status == Status.STARTED else None
            asked = replace(known, params=_params(job) or known.params)
            following = self._store.next_attempt(
                asked, frozenset({known.status}), status=Status.QUEUED, failure=failure
            )
            if following is None:
                return None
            known = following
        changes = self._changes(job, status, run_at)
        if status == Status.STOPPED and known.stop_by:
            changes["error"] = Failure("Stopped", f"Stopped by {known.stop_by}.")
        return self._store.save(known, follow=True, **changes)

    def _changes(self, job: RqJob, status: Status, run_at: str | None) -> dict[str, Any]:
        changes = _said(job, status, run_at)
        if status == Status.DEFERRED:
            changes["message"] = self._waits_for(job)
        return changes

    def _waits_for(self, job: RqJob) -> str:
        for job_id in job.dependency_ids:
            with suppress(UnknownJob):
                first = self._store.job(job_id)
                if first.status != Status.FINISHED:
                    return safe_text(why_deferred(first), MESSAGE_CHARACTERS)
        return _waits_for_unknown(job)


def _said(job: RqJob, status: Status, run_at: str | None) -> dict[str, Any]:
    """What a record says of a job in this state."""
    changes: dict[str, Any] = {"status": status, "run_at": None}
    if status == Status.SCHEDULED:
        changes["run_at"] = run_at
    elif status == Status.QUEUED:
        changes["message"] = _waits_for_room(job)
    elif status == Status.STARTED:
        changes |= {"worker": job.worker_name, "started_at": job.started_at or now()}
    if status in FINAL:
        changes |= {
            "worker": job.worker_name,
            "started_at": job.started_at,
            "ended_at": job.ended_at or now(),
            "stalled": False,
            "eta_seconds": None,
        }
    if status == Status.FINISHED:
        changes |= {"progress": COMPLETE} | _result(job)
    elif status == Status.FAILED:
        changes["error"] = failure_said(job.exc_info or "")
    elif status == Status.STOPPED:
        changes["error"] = Failure("Stopped", "Stopped by RQ's stop command.")
    elif status == Status.STARTED and job.progress is not None:
        changes["progress"] = job.progress.percent
        changes["message"] = safe_text(job.progress.message, MESSAGE_CHARACTERS)
    return changes


def _waits_for_unknown(job: RqJob) -> str:
    if not job.dependency_ids:
        return "Waits for another job."
    first, *others = job.dependency_ids
    more = f" and {len(others)} more" if others else ""
    return safe_text(f"Waits for job {first}{more}.", MESSAGE_CHARACTERS)


def _waits_for_room(job: RqJob) -> str:
    if job.status != "rate_limited":
        return ""
    return safe_text(f"Waits for room in the rate limit {job.rate_limit_key}.", MESSAGE_CHARACTERS)


def _params(job: RqJob) -> dict[str, Any]:
    shown = {"args": job.args, "kwargs": job.kwargs}
    if job.dependency_ids:
        shown["depends_on"] = list(job.dependency_ids)
    if job.group:
        shown["group"] = job.group
    return {name: value for name, value in shown.items() if value is not None}


def _result(job: RqJob) -> dict[str, Any]:
    try:
        if len(dumps(job.result).encode()) <= RESULT_BYTES:
            return {"result": job.result}
    except (TypeError, ValueError, RecursionError):
        pass
    return {"result": None, "message": "The result is more than is kept here; RQ has it."}
