"""What happened in a job: its attempts, its moments and its log lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from headway.model.record import Failure, JsonDict, Record, Status, now, seconds_of
from headway.processes import Process
from headway.store.session import Session
from headway.store.sql import Sql, constant, named
from headway.store.tables import attempts, jobs, log_lines, moments

# Moments kept of one job for the sake of its steps; a change of state is always kept.
MOST_MOMENTS = 200

BEGIN_ATTEMPT = Sql(
    insert(attempts)
    .values(
        {
            name: named(name)
            for name in "job_id number status worker host pid birth started_at".split()
        }
    )
    .on_conflict_do_nothing()
)
_end_attempt = insert(attempts).values({column.name: named(column.name) for column in attempts.c})
END_ATTEMPT = Sql(
    _end_attempt.on_conflict_do_update(
        index_elements=[attempts.c.job_id, attempts.c.number],
        set_={
            name: _end_attempt.excluded[name]
            for name in (
                "status ended_at peak_memory_bytes error_type error_message error_traceback".split()
            )
        },
    )
)
ATTEMPTS = Sql(
    select(attempts).where(attempts.c.job_id == named("job_id")).order_by(attempts.c.number)
)
_of_job = moments.c.job_id == named("job_id")
_last = (
    select(moments)
    .where(_of_job)
    .order_by(moments.c.seq.desc())
    .limit(constant(1))
    .offset(constant(0))
    .subquery("last")
)
_same_state = and_(
    _last.c.attempt == jobs.c.attempt,
    _last.c.status == jobs.c.status,
    _last.c.stalled == jobs.c.stalled,
)
_same_step = and_(
    _last.c.step.is_not_distinct_from(jobs.c.step),
    _last.c.step_name.is_not_distinct_from(jobs.c.step_name),
)
_enough = select(func.count()).select_from(moments).where(_of_job).scalar_subquery()
# The job as it now stands, unless its last moment says the same already. A moment of the same
# seq is of a time that a restored copy of the store knows nothing of.
_of_moment = "attempt status stalled step steps step_name".split()
_add_moment = insert(moments).from_select(
    ["job_id", "seq", *_of_moment, "at"],
    select(
        jobs.c.id,
        jobs.c.seq,
        *(jobs.c[name] for name in _of_moment),
        func.coalesce(jobs.c.ended_at, jobs.c.updated_at),
    ).where(
        jobs.c.id == named("job_id"),
        ~select(_last.c.seq)
        .where(_same_state, or_(_same_step, _enough >= constant(MOST_MOMENTS)))
        .exists(),
    ),
)
ADD_MOMENT = Sql(
    _add_moment.on_conflict_do_update(
        index_elements=[moments.c.job_id, moments.c.seq],
        set_={name: _add_moment.excluded[name] for name in (*_of_moment, "at")},
    )
)
MOMENTS = Sql(select(moments).where(_of_job).order_by(moments.c.seq))
FORGET_MOMENTS = Sql(delete(moments).where(_of_job))


def _insert_lines(count: int) -> Sql:
    """Put in `count` log lines, `:number_0`, `:at_0` and so on, of one job."""
    rows = [
        {"job_id": named("job_id")}
        | {name: named(f"{name}_{place}") for name in ("number", "at", "text")}
        for place in range(count)
    ]
    return Sql(insert(log_lines).values(rows).on_conflict_do_nothing())


# Many at a time: all other writers wait meanwhile, and with a server each statement is a journey.
INSERT_LINES = {count: _insert_lines(count) for count in (100, 10, 1)}
LOG = Sql(
    select(log_lines.c.number, log_lines.c.at, log_lines.c.text)
    .where(log_lines.c.job_id == named("job_id"), log_lines.c.number > named("after"))
    .order_by(log_lines.c.number)
    .limit(named("most"))
    .offset(constant(0))
)
FORGET_ATTEMPTS = Sql(delete(attempts).where(attempts.c.job_id == named("job_id")))
_log_of_job = log_lines.c.job_id == named("job_id")
FORGET_LOG = Sql(delete(log_lines).where(_log_of_job))
FORGET_LINES = Sql(
    delete(log_lines).where(
        _log_of_job,
        log_lines.c.number >= named("first"),
        log_lines.c.number <= named("last"),
    )
)


def attempt_of(row: Sequence[Any]) -> JsonDict:
    """A row of ATTEMPTS as the API shows it."""
    values = dict(zip(attempts.c.keys(), row, strict=True))
    error = None
    if values["error_type"] is not None:
        error = {name: values[f"error_{name}"] for name in ("type", "message", "traceback")}
    duration = None
    if values["started_at"] and values["ended_at"]:
        duration = round(seconds_of(values["ended_at"]) - seconds_of(values["started_at"]), 3)
    names = ("number", "status", "worker", "host", "pid", "started_at", "ended_at")
    return {name: values[name] for name in names} | {
        "duration_seconds": duration,
        "peak_memory_bytes": values["peak_memory_bytes"],
        "error": error,
    }


def moment_of(row: Sequence[Any]) -> JsonDict:
    """A row of MOMENTS as the API shows it."""
    values: JsonDict = dict(zip(moments.c.keys(), row, strict=True))
    return values | {"stalled": bool(values["stalled"])}


class HistoryWriter(Session):
    """The part of the writer that keeps history; each call is part of a transaction."""

    def _begin_attempt(self, record: Record, process: Process | None) -> None:
        self.run(
            BEGIN_ATTEMPT,
            {
                "job_id": record.id,
                "number": record.attempt,
                "status": record.status.value,
                "worker": record.worker,
                "host": process.host if process else None,
                "pid": process.pid if process else None,
                "birth": process.start_time if process else None,
                "started_at": record.started_at,
            },
        )

    def _end_attempt(
        self, record: Record, status: Status, error: Failure | None, peak_memory_bytes: int | None
    ) -> None:
        self.run(
            END_ATTEMPT,
            {
                "job_id": record.id,
                "number": record.attempt,
                "status": status.value,
                "worker": record.worker,
                "host": None,
                "pid": None,
                "birth": None,
                "started_at": record.started_at,
                "ended_at": record.ended_at or now(),
                "peak_memory_bytes": peak_memory_bytes,
                "error_type": error.type if error else None,
                "error_message": error.message if error else None,
                "error_traceback": error.traceback if error else None,
            },
        )

    def _add_moment(self, job_id: str) -> None:
        self.run(ADD_MOMENT, {"job_id": job_id})

    def _add_lines(self, job_id: str, lines: Sequence[tuple[int, str, str]]) -> None:
        left = list(lines)
        for count, statement in INSERT_LINES.items():
            while len(left) >= count:
                values: JsonDict = {"job_id": job_id}
                for place, (number, at, text) in enumerate(left[:count]):
                    values |= {f"number_{place}": number, f"at_{place}": at, f"text_{place}": text}
                self.run(statement, values)
                del left[:count]

    def _forget_lines(self, job_id: str, first: int, last: int) -> None:
        self.run(FORGET_LINES, {"job_id": job_id, "first": first, "last": last})

    def _forget_history(self, job_id: str) -> None:
        for statement in (FORGET_ATTEMPTS, FORGET_MOMENTS, FORGET_LOG):
            self.run(statement, {"job_id": job_id})
