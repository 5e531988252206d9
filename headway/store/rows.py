"""Rows to records and back: the one place that knows how a record lies in its columns."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headway.model.idempotency import IdempotentRequest
from headway.model.record import Failure, Origin, Record, Status, dumps
from headway.store.sql import EVENT_COLUMNS
from headway.store.tables import jobs

EVENT_NAMES = tuple(column.name for column in EVENT_COLUMNS)
JOB_NAMES = tuple(column.name for column in jobs.c)
_AS_THEY_ARE = frozenset(
    "id kind queue owner title seq attempt max_attempts progress message step steps step_name "
    "eta_seconds worker log_lines artifact_count result_bytes created_at updated_at "
    "started_at ended_at run_at stop_by".split()
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
    plain = {name: value for name, value in values.items() if name in _AS_THEY_ARE}
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
        result=json.loads(values["result"]) if values["result"] is not None else None,
        error=error,
        params=json.loads(values.get("params") or "{}"),
        arguments=values.get("arguments"),
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
        "params": dumps(record.params),
        "arguments": record.arguments,
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
    # JSON has no word for what is not finite: a row with one could never be told.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def column_names(changed: frozenset[str]) -> frozenset[str]:
    """The columns behind the record's fields `changed`."""
    behind = set(changed - {"error"})
    if "error" in changed:
        behind |= {"error_type", "error_message", "error_traceback"}
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
