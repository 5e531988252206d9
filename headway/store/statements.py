"""The statements about one record and the counter that numbers its changes."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import and_, case, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import ColumnElement

from headway.model.record import FINAL, RANK, Status
from headway.store.sql import ALIVE, EVENT_COLUMNS, Sql, constant, named, one_of
from headway.store.tables import counter, jobs

NEXT_SEQ = Sql(
    update(counter)
    .values(seq=counter.c.seq + constant(1))
    .returning(counter.c.seq, counter.c.epoch)
)
COUNTER = Sql(select(counter.c.seq, counter.c.epoch))

_every_column = {column.name: named(column.name) for column in jobs.c}

INSERT_JOB = Sql(
    insert(jobs).values(_every_column).on_conflict_do_nothing().returning(*EVENT_COLUMNS)
)


@cache
def save_job(changed: frozenset[str], *, claim: bool) -> Sql:
    """The upsert: inserts a record, or sets its `changed` columns when that moves it forward.

    Within an attempt a status never goes back and a final record stays as it is; a write for
    another attempt than the record's touches nothing, nor one of another run: a deleted job that
    begins anew has a first attempt again. To `claim` a job, it has to be waiting, so that of two
    copies in RQ only one runs. No row comes back when the write was refused.
    """
    statement = insert(jobs).values(_every_column)
    new = statement.excluded
    held = _rank(jobs.c.status)
    forward = and_(
        ALIVE,
        new.attempt == jobs.c.attempt,
        held == constant(0)
        if claim
        else and_(
            held < constant(2),
            _rank(new.status) >= held,
            new.started_at.is_not_distinct_from(jobs.c.started_at),
        ),
    )
    return Sql(
        statement.on_conflict_do_update(
            index_elements=[jobs.c.id],
            set_={name: new[name] for name in sorted(changed | {"seq", "updated_at"})},
            where=forward,
        ).returning(*EVENT_COLUMNS)
    )


@cache
def next_attempt(allowed: frozenset[Status]) -> Sql:
    """Begin the attempt after `:attempt`, from one of the `allowed` statuses."""
    following = jobs.c.attempt + constant(1)
    fresh = dict.fromkeys(
        "progress step steps step_name eta_seconds result result_bytes error_type error_message "
        "error_traceback worker started_at ended_at stop_by".split()
    )
    return Sql(
        update(jobs)
        .where(
            jobs.c.id == named("job_id"),
            jobs.c.attempt == named("of_attempt"),
            jobs.c.started_at.is_not_distinct_from(named("of_started_at")),
            one_of(jobs.c.status, allowed),
            # What somebody asked to stop does not begin anew by itself.
            or_(jobs.c.status != constant(Status.STARTED.value), jobs.c.stop_by.is_(None)),
            ALIVE,
        )
        .values(
            {name: null() for name in fresh}
            | {
                "seq": named("new_seq"),
                "status": named("new_status"),
                "message": named("new_message"),
                "run_at": named("new_run_at"),
                "params": named("new_params"),
                "updated_at": named("at"),
                "attempt": following,
                "max_attempts": case(
                    (jobs.c.max_attempts > following, jobs.c.max_attempts), else_=following
                ),
                "stalled": constant(False),
                "artifact_count": constant(0),
                "since": jobs.c.created_at,
            }
        )
        .returning(*EVENT_COLUMNS)
    )


JOB_OF_KEY = Sql(select(jobs).where(jobs.c.idempotency_key == named("key"), ALIVE))
JOB = Sql(select(jobs).where(jobs.c.id == named("job_id"), ALIVE))
JOB_OR_TOMBSTONE = Sql(select(jobs).where(jobs.c.id == named("job_id")))
JOB_AS_EVENT = Sql(select(*EVENT_COLUMNS).where(jobs.c.id == named("job_id"), ALIVE))
RESULT = Sql(select(jobs.c.result).where(jobs.c.id == named("job_id"), ALIVE))

BEGIN_ANEW = Sql(
    update(jobs)
    .where(jobs.c.id == named("id"), jobs.c.deleted == constant(True))
    .values({name: column for name, column in _every_column.items() if name != "id"})
    .returning(*EVENT_COLUMNS)
)
TOMBSTONE = Sql(
    update(jobs)
    .where(jobs.c.id == named("job_id"), one_of(jobs.c.status, FINAL), ALIVE)
    .values(
        seq=named("new_seq"),
        updated_at=named("at"),
        deleted=constant(True),
        params=constant("{}"),
        arguments=null(),
        fingerprint=null(),
        artifact_count=constant(0),
        result=null(),
        result_bytes=null(),
        error_traceback=null(),
        idempotency_key=null(),
    )
    .returning(*EVENT_COLUMNS)
)


def _rank(column: ColumnElement[Any]) -> ColumnElement[int]:
    by_rank = {rank: frozenset(s for s in Status if RANK[s] == rank) for rank in (1, 2)}
    whens = ((one_of(column, names), constant(rank)) for rank, names in by_rank.items())
    return case(*whens, else_=constant(0))
