"""What needs looking after: jobs that wait, are due, are silent, or were deleted long ago."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, tuple_

from headway.model.record import Record, Status
from headway.store.rows import JOB_NAMES, record_of
from headway.store.session import Session
from headway.store.sql import ALIVE, STARTED, Sql, constant, named, one_of
from headway.store.tables import attempts, jobs, kept_tombstones, workers

# Most rows that one sweep of the reconciler handles, so that no transaction is long.
SWEEP_ROWS = 500

STOP_ASKED_BY = Sql(select(jobs.c.stop_by).where(jobs.c.id == named("job_id"), STARTED, ALIVE))
_with_worker = select(
    *jobs.c,
    workers.c.heartbeat_at,
    workers.c.place,
    workers.c.pid,
    workers.c.birth,
    attempts.c.pid.label("own_pid"),
    attempts.c.birth.label("own_birth"),
).select_from(
    jobs.outerjoin(workers, workers.c.name == jobs.c.worker).outerjoin(
        attempts, and_(attempts.c.job_id == jobs.c.id, attempts.c.number == jobs.c.attempt)
    )
)
SILENT_JOBS = Sql(
    _with_worker.where(
        STARTED,
        ALIVE,
        # Marking a job as stalled is a write too; it is no heartbeat.
        or_(jobs.c.stalled == constant(True), jobs.c.updated_at < named("before")),
        or_(workers.c.name.is_(None), workers.c.heartbeat_at < named("before")),
    )
    .order_by(jobs.c.id)
    .limit(named("most"))
    .offset(constant(0))
)
HEARD_AGAIN = Sql(
    _with_worker.where(
        STARTED,
        ALIVE,
        jobs.c.stalled == constant(True),
        workers.c.heartbeat_at >= named("since"),
    )
    .order_by(jobs.c.id)
    .limit(named("most"))
    .offset(constant(0))
)
JOBS_OF_PLACE = Sql(
    _with_worker.where(STARTED, ALIVE, workers.c.place == named("place"))
    .order_by(jobs.c.id)
    .limit(named("most"))
    .offset(constant(0))
)
# Of what waits `since` is when it was created, and the index of a state is in that order.
_oldest_first = jobs.c.since, jobs.c.id
WAITING_JOBS = Sql(
    select(jobs.c.id, jobs.c.queue, jobs.c.created_at)
    .where(
        one_of(jobs.c.status, frozenset({Status.QUEUED})),
        ALIVE,
        jobs.c.updated_at < named("before"),
        tuple_(*_oldest_first) > tuple_(named("after_created"), named("after_id")),
    )
    .order_by(*_oldest_first)
    .limit(named("most"))
    .offset(constant(0))
)
DUE_JOBS = Sql(
    select(jobs)
    .where(
        one_of(jobs.c.status, frozenset({Status.SCHEDULED})), ALIVE, jobs.c.run_at <= named("at")
    )
    .order_by(*_oldest_first)
    .limit(named("most"))
    .offset(constant(0))
)
# A reader that is behind takes as many changes as it can, or starts over when there are more. So
# the newest ones keep their tombstones, and no reader misses a deletion.
_last_of_the_newest = (
    select(jobs.c.seq).order_by(jobs.c.seq.desc()).limit(constant(1)).offset(named("newest"))
)
_old_tombstones = (
    select(jobs.c.id)
    .where(
        jobs.c.deleted == constant(True),
        jobs.c.updated_at < named("before"),
        jobs.c.seq <= _last_of_the_newest.scalar_subquery(),
        jobs.c.id.not_in(select(kept_tombstones.c.job_id)),
    )
    .limit(named("most"))
    .offset(constant(0))
)
KEEP_TOMBSTONE = Sql(insert(kept_tombstones).values(job_id=named("job_id")))
PURGE_TOMBSTONES = Sql(
    delete(jobs)
    # Said again, for one that begins anew in this very moment.
    .where(jobs.c.id.in_(_old_tombstones), jobs.c.deleted == constant(True))
    .returning(jobs.c.id)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued job: as much of it as it takes to look for it in RQ."""

    id: str
    queue: str
    created_at: str


# Who stands before every waiting job.
NOBODY = Waiting("", "", "")


@dataclass(frozen=True, slots=True)
class Running:
    """A started job, its worker's process and the one it runs in, if known: see processes.py.

    `heard_at` is the worker's last heartbeat.
    """

    record: Record
    heard_at: str | None
    pid_namespace: str | None
    pid: int | None
    start_time: str | None
    own_pid: int | None
    own_start_time: str | None


class SweepWriter(Session):
    """The part of the writer that the reconciler uses, and whoever asks for a stop."""

    def waiting(self, before: str, after: Waiting) -> list[Waiting]:
        """Queued jobs that nobody has touched since `before`: the next ones `after` another."""
        place = {"after_created": after.created_at, "after_id": after.id}
        parameters = {"before": before, "most": SWEEP_ROWS, **place}
        return [Waiting(*row) for row in self.run(WAITING_JOBS, parameters)]

    def due(self, at: str) -> list[Record]:
        """Scheduled records whose time has come by `at`, oldest first."""
        return self._records(DUE_JOBS, {"at": at})

    def stop_asked_by(self, job_id: str) -> str | None:
        """Who asked for a job to be stopped, or None."""
        rows = self.run(STOP_ASKED_BY, {"job_id": job_id})
        return rows[0][0] if rows else None

    def silent(self, before: str) -> list[Running]:
        """Started jobs of which neither they nor their worker were heard since `before`."""
        return self._running(SILENT_JOBS, {"before": before})

    def heard_again(self, since: str) -> list[Running]:
        """Jobs that count as stalled though their worker was heard `since` then."""
        return self._running(HEARD_AGAIN, {"since": since})

    def running_at(self, pid_namespace: str) -> list[Running]:
        """Started jobs whose worker's pid is valid in `pid_namespace`."""
        return self._running(JOBS_OF_PLACE, {"place": pid_namespace})

    def keep_tombstone(self, job_id: str) -> None:
        """Let a job's record stay when the job is deleted: what it made looks at how it ended."""
        self.run(KEEP_TOMBSTONE, {"job_id": job_id})

    def purge_tombstones(self, before: str, *, newest: int) -> int:
        """Remove records deleted before `before`; how many. Those of the `newest` changes stay."""
        parameters = {"before": before, "newest": newest, "most": SWEEP_ROWS}
        with self.transaction():
            return len(self.run(PURGE_TOMBSTONES, parameters))

    def _running(self, statement: Sql, parameters: dict[str, Any]) -> list[Running]:
        rows = self.run(statement, parameters | {"most": SWEEP_ROWS})
        return [Running(record_of(JOB_NAMES, row[:-6]), *row[-6:]) for row in rows]

    def _records(self, statement: Sql, parameters: dict[str, Any]) -> list[Record]:
        rows = self.run(statement, parameters | {"most": SWEEP_ROWS})
        return [record_of(JOB_NAMES, row) for row in rows]
