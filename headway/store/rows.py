"""Rows to records and back: the one place that knows how a record lies in its columns."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from headway.model.idempotency import IdempotentRequest
from headway.model.record import EVENT_RESULT_BYTES, Failure, Origin, Record, Status, dumps

# A record's fields that lie in their columns in another form.
_CODED = frozenset(
    {"status", "origin", "stalled", "deleted", "recorded", "result", "error", "params"}
)
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
