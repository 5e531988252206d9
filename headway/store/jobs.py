"""Jobs in the store: how a record lies in its columns, and the statements about one record.

Each change takes its number from the counter. What a search finds of a job is kept beside it: on
SQLite in a full-text index; PostgreSQL looks at the jobs themselves, newest first.
"""

# ruff: noqa: S608  # statements are put together from words of ours alone

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from headway.model.idempotency import IdempotentRequest
from headway.model.record import (
    EVENT_RESULT_BYTES,
    FINAL,
    OF_ATTEMPT,
    WAITING,
    Failure,
    Origin,
    Record,
    Status,
    dumps,
)
from headway.store.sql import Sql, quoted

# A record's fields that lie in their columns in another form.
_CODED = frozenset("status origin stalled deleted recorded result error params open_lines".split())
_FIELDS = tuple(field.name for field in fields(Record))
_AS_THEY_ARE = tuple(name for name in _FIELDS if name not in _CODED)
_ERROR = ("error_type", "error_message", "error_traceback")
# The columns of `jobs`: the record's, and what the store keeps beside it.
JOB_NAMES = (
    *(name for name in _FIELDS if name != "error"),
    *_ERROR,
    *("since", "idempotency_key", "fingerprint", "search_id"),
)
# What is in no event and on no list: it can be large, or is private.
_AT_HOME = frozenset(
    "params arguments error_traceback idempotency_key fingerprint search_id".split()
)
EVENT_NAMES = tuple(name for name in JOB_NAMES if name not in _AT_HOME)
JOB_COLUMNS = ", ".join(JOB_NAMES)
# What a record needs on the wire. A large result is not even read.
EVENT_COLUMNS = ", ".join(
    f"CASE WHEN result_bytes <= {EVENT_RESULT_BYTES} THEN result END AS result"
    if name == "result"
    else name
    for name in EVENT_NAMES
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Records, and the store's epoch and counter at the moment they were read."""

    epoch: str
    seq: int
    records: list[Record]


def record_of(names: Sequence[str], row: Sequence[Any]) -> Record:
    """The record in a row whose columns are `names`."""
    values = dict(zip(names, row, strict=True))
    plain = {name: values[name] for name in _AS_THEY_ARE if name in values}
    error = None
    if values["error_type"] is not None:
        error = Failure(
            values["error_type"], values["error_message"], values.get("error_traceback")
        )
    return Record(
        **plain,
        status=Status(values["status"]),
        origin=Origin(values["origin"]),
        stalled=bool(values["stalled"]),
        deleted=bool(values["deleted"]),
        recorded=bool(values["recorded"]),
        open_lines=json.loads(values["open_lines"] or "[]"),
        result=json.loads(values["result"]) if values["result"] is not None else None,
        error=error,
        params=json.loads(values.get("params") or "{}"),
    )


def answer_in(rows: Sequence[Sequence[Any]], request: IdempotentRequest) -> Record | None:
    """The job in the one row, if any, that has a request's key; None if another one started it."""
    for row in rows:
        record, fingerprint = record_of(JOB_NAMES, row), row[JOB_NAMES.index("fingerprint")]
        return record if request.is_answered_by(record, fingerprint) else None
    return None


def columns_of(record: Record) -> dict[str, Any]:
    """Every column's value of a record, by the column's name."""
    error = record.error
    result = None if record.result is None else dumps(record.result)
    return {name: _sayable(getattr(record, name)) for name in _AS_THEY_ARE} | {
        "status": record.status.value,
        "origin": record.origin.value,
        "stalled": record.stalled,
        "deleted": record.deleted,
        "recorded": record.recorded,
        "params": dumps(record.params),
        "open_lines": dumps(record.open_lines) if record.open_lines else None,
        "result": result,
        "result_bytes": None if result is None else len(result.encode()),
        "error_type": error.type if error else None,
        "error_message": error.message if error else None,
        "error_traceback": error.traceback if error else None,
        "idempotency_key": None,
        "fingerprint": None,
        "search_id": record.seq,
        "since": record.since,
    }


def _sayable(value: Any) -> Any:
    # JSON has no word for what is not finite: a row with one could never be sent.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def column_names(changed: frozenset[str]) -> frozenset[str]:
    """The columns behind the record's fields `changed`."""
    behind = set(changed - {"error"})
    if "error" in changed:
        behind |= {*_ERROR}
    if "result" in changed:
        behind.add("result_bytes")
    if changed & {"started_at", "ended_at"}:
        behind.add("since")
    return frozenset(behind)


def snapshot_of(rows: Sequence[Sequence[Any]]) -> Snapshot:
    """What `with_counter` read: the counter beside each row, alone where there is none."""
    seq, epoch = rows[0][0], rows[0][1]
    records = [record_of(EVENT_NAMES, row[2:]) for row in rows if row[2] is not None]
    return Snapshot(epoch=epoch, seq=seq, records=records)


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
            -- A job that was asked to stop does not begin again by itself.
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

# Within a transaction of several changes, each is a part that can be undone.
SAVEPOINT = Sql("SAVEPOINT change")
BACK_TO_SAVEPOINT = Sql("ROLLBACK TO SAVEPOINT change")
RELEASE_SAVEPOINT = Sql("RELEASE SAVEPOINT change")

WAS_DELETED = Sql("SELECT 1 FROM jobs WHERE id = :job_id AND deleted = true")
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

# Longer texts are found by their beginning; in characters.
INDEXED_CHARACTERS = 20_000

INDEX_JOB = Sql(
    "INSERT OR REPLACE INTO job_search (rowid, text)"
    " SELECT search_id, :text FROM jobs WHERE id = :job_id"
)
FORGET_INDEXED = Sql(
    "DELETE FROM job_search WHERE rowid = (SELECT search_id FROM jobs WHERE id = :job_id)"
)


def searched_text(record: Record) -> str:
    """What a search looks at: title, kind, parameters, and how the job ended if it did.

    What a job says before its end changes too often to be indexed; it is searched where it is.
    """
    said = [record.title, record.kind, dumps(record.params)]
    if record.final:
        said.append(record.message)
    if record.error is not None:
        said.append(record.error.message)
    return "\n".join(said)[:INDEXED_CHARACTERS]
