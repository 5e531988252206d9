"""The statements about one record and the counter that numbers its changes."""

# ruff: noqa: S608  # statements are put together from words of ours alone

from __future__ import annotations

from functools import cache

from headway.model.record import FINAL, OF_ATTEMPT, WAITING, Status
from headway.store.rows import EVENT_COLUMNS, JOB_COLUMNS, JOB_NAMES
from headway.store.sql import Sql, quoted

NEXT_SEQ = Sql("UPDATE counter SET seq = seq + 1 RETURNING seq, epoch")
COUNTER = Sql("SELECT seq, epoch FROM counter")

_INSERT = f"INSERT INTO jobs ({JOB_COLUMNS}) VALUES ({', '.join(f':{n}' for n in JOB_NAMES)})"
INSERT_JOB = Sql(f"{_INSERT} ON CONFLICT DO NOTHING RETURNING {EVENT_COLUMNS}")

# How far along a status is within an attempt, as RANK says it.
_RANK = (
    f"CASE WHEN {{0}}.status IN {quoted(WAITING)} THEN 0"
    f" WHEN {{0}}.status IN {quoted(FINAL)} THEN 2 ELSE 1 END"
)
_HELD, _NEW = _RANK.format("jobs"), _RANK.format("excluded")
# What RQ alone has as started is claimed by the worker that records it.
_MAY_CLAIM = (
    f"({_HELD} = 0 OR excluded.status = 'started' AND jobs.status = 'started'"
    " AND NOT jobs.recorded)"
)
_MAY_MOVE = (
    f"{_HELD} < 2 AND {_NEW} >= {_HELD}"
    " AND excluded.started_at IS NOT DISTINCT FROM jobs.started_at"
)


@cache
def save_job(changed: frozenset[str], *, claim: bool, follow: bool) -> Sql:
    """The upsert: inserts a record, or sets its `changed` columns when that moves it forward.

    Within an attempt a status never goes back and a final record stays as it is. A write for
    another attempt than the record's changes nothing, nor does one of another run: a deleted job
    that is recreated has a first attempt again. To `claim` a job, it has to be waiting, so that of
    two copies in RQ only one runs. To `follow` RQ, a record that is still as
    it was known moves anywhere within its attempt. No row comes back when the write was refused.
    """
    may = "jobs.seq = :known_seq" if follow else _MAY_CLAIM if claim else _MAY_MOVE
    names = sorted(changed | {"seq", "updated_at"})
    return Sql(
        f"{_INSERT} ON CONFLICT (id) DO UPDATE"
        f" SET {', '.join(f'{name} = excluded.{name}' for name in names)}"
        " WHERE NOT jobs.deleted AND excluded.attempt = jobs.attempt"
        f" AND {may} RETURNING {EVENT_COLUMNS}"
    )


_BLANK = ", ".join(f"{name} = NULL" for name in sorted(OF_ATTEMPT))


@cache
def next_attempt(allowed: frozenset[Status]) -> Sql:
    """Begin the attempt after `:of_attempt`, from one of the `allowed` statuses."""
    return Sql(
        f"""
        UPDATE jobs SET
            {_BLANK},
            seq = :new_seq, status = :new_status, message = :new_message, run_at = :new_run_at,
            params = :new_params, updated_at = :at, attempt = attempt + 1,
            max_attempts = CASE WHEN max_attempts > attempt THEN max_attempts ELSE attempt + 1 END,
            stalled = false, artifact_count = 0, since = created_at
        WHERE id = :job_id AND attempt = :of_attempt
            AND started_at IS NOT DISTINCT FROM :of_started_at
            AND status IN {quoted(allowed)}
            -- What somebody asked to stop does not begin again by itself.
            AND (status <> 'started' OR stop_by IS NULL)
            AND deleted = false
        RETURNING {EVENT_COLUMNS}
        """
    )


JOB_OR_TOMBSTONE = Sql(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id = :job_id")
JOB = Sql(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id = :job_id AND deleted = false")
JOB_OF_KEY = Sql(f"SELECT {JOB_COLUMNS} FROM jobs WHERE idempotency_key = :key AND deleted = false")
JOB_AS_EVENT = Sql(f"SELECT {EVENT_COLUMNS} FROM jobs WHERE id = :job_id AND deleted = false")
RESULT = Sql("SELECT result FROM jobs WHERE id = :job_id AND deleted = false")

RECREATE = Sql(
    f"UPDATE jobs SET {', '.join(f'{name} = :{name}' for name in JOB_NAMES if name != 'id')}"
    f" WHERE id = :id AND deleted = true RETURNING {EVENT_COLUMNS}"
)
TOMBSTONE = Sql(
    f"""
    UPDATE jobs SET
        seq = :new_seq, updated_at = :at, deleted = true, params = '{{}}', arguments = NULL,
        fingerprint = NULL, idempotency_key = NULL, artifact_count = 0,
        result = NULL, result_bytes = NULL, error_traceback = NULL
    WHERE id = :job_id AND status IN {quoted(FINAL)} AND deleted = false
    RETURNING {EVENT_COLUMNS}
    """
)
KEEP_TOMBSTONE = Sql("INSERT INTO kept_tombstones (job_id) VALUES (:job_id)")
STOP_ASKED_BY = Sql(
    "SELECT stop_by FROM jobs WHERE id = :job_id AND status = 'started' AND deleted = false"
)
