"""One job of an RQ application, out of its hash and its newest result, of RQ 1.16 to 3.0."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from headway.mirror.described import INTEGER_BITS, MAX_CHARACTERS, cut, describe, described, read
from headway.mirror.safe_pickle import MAX_BYTES, Unreadable
from headway.model.record import as_time

# The fields of a hash that are small, and those that hold the application's own values.
SMALL_FIELDS = tuple(
    """created_at enqueued_at started_at ended_at last_heartbeat status origin description timeout
    ttl result_ttl failure_ttl worker_name group_id dependency_id dependency_ids retries_left
    retry_intervals repeats_left repeat_intervals rate_limit_key""".split()
)
LARGE_FIELDS = ("data", "meta", "result", "exc_info")

# RQ's words for the end of one run, by their numbers in the results.
OUTCOMES = {
    b"1": "successful",
    b"2": "failed",
    b"3": "stopped",
    b"4": "retried",
    b"5": "max_retries_exceeded",
}
ENDED = frozenset({"finished", "failed", "stopped"})
_SHORT = 1_000
_MAX_IDS = 1_000
_FUNCTION = re.compile(r"[\w.]+(?=\()")


@dataclass(frozen=True, slots=True)
class RqProgress:
    """How far a job says it is in `meta["progress"]`: percent, 0-100, and what it counts."""

    percent: float | None = None
    current: float | None = None
    total: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class RqResult:
    """How a run ended, as RQ's results say: the stream's entry, with its time."""

    at: str | None = None
    outcome: str | None = None
    value: Any = None
    exc_info: str | None = None
    worker_name: str | None = None
    run_started_at: str | None = None
    run_ended_at: str | None = None


@dataclass(frozen=True, slots=True)
class RqJob:
    """A job as RQ has it; what is not there, or strange, is None. Times are as in a `Record`.

    `args`, `kwargs`, `meta` and `result` are JSON, see `described`. Durations are in seconds.
    """

    id: str
    status: str | None = None
    origin: str | None = None
    function: str | None = None
    instance: Any = None
    args: Any = None
    kwargs: Any = None
    description: str | None = None
    created_at: str | None = None
    enqueued_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    last_heartbeat: str | None = None
    timeout: int | None = None
    ttl: int | None = None
    result_ttl: int | None = None
    failure_ttl: int | None = None
    meta: Any = None
    progress: RqProgress | None = None
    dependency_ids: tuple[str, ...] = ()
    retries_left: int | None = None
    retry_intervals: tuple[int, ...] = ()
    repeats_left: int | None = None
    repeat_intervals: tuple[int, ...] = ()
    worker_name: str | None = None
    group: str | None = None
    rate_limit_key: str | None = None
    outcome: str | None = None
    result: Any = None
    exc_info: str | None = None


def read_job(
    job_id: str, fields: Mapping[bytes, bytes | None], newest: RqResult | None = None
) -> RqJob:
    """The job whose hash has these fields, with the newest entry of its results. Raises nothing.

    Fields that were not asked for are as if they were not there.
    """
    hash_ = Hash(fields)
    status = hash_.text("status")
    newest = newest or RqResult()
    ended = status in ENDED
    function, instance, args, kwargs = _call(hash_)
    meta = hash_.value("meta")
    return RqJob(
        id=job_id,
        status=status,
        origin=hash_.text("origin"),
        function=function,
        instance=instance,
        args=args,
        kwargs=kwargs,
        description=hash_.text("description"),
        created_at=hash_.time("created_at"),
        enqueued_at=hash_.time("enqueued_at"),
        started_at=hash_.time("started_at"),
        ended_at=hash_.time("ended_at") or (newest.run_ended_at or newest.at if ended else None),
        last_heartbeat=hash_.time("last_heartbeat"),
        timeout=hash_.number("timeout"),
        ttl=hash_.number("ttl"),
        result_ttl=hash_.number("result_ttl"),
        failure_ttl=hash_.number("failure_ttl"),
        meta=meta,
        progress=_progress(meta),
        dependency_ids=_dependencies(hash_),
        retries_left=hash_.number("retries_left"),
        retry_intervals=hash_.numbers("retry_intervals"),
        repeats_left=hash_.number("repeats_left"),
        repeat_intervals=hash_.numbers("repeat_intervals"),
        worker_name=hash_.text("worker_name") or (newest.worker_name if ended else None),
        group=hash_.text("group_id"),
        rate_limit_key=hash_.text("rate_limit_key"),
        outcome=newest.outcome,
        result=newest.value if newest.outcome else hash_.value("result"),
        exc_info=newest.exc_info or hash_.unzipped_text("exc_info"),
    )


def read_result(entry_id: bytes, fields: Mapping[bytes, bytes | None]) -> RqResult:
    """An entry of the stream `rq:results:<id>`. Raises nothing."""
    hash_ = Hash(fields)
    value, exc_string = hash_.decoded("return_value"), hash_.decoded("exc_string")
    return RqResult(
        at=_or_none(lambda: as_time(int(entry_id.split(b"-")[0]) / 1000)),
        outcome=OUTCOMES.get(hash_.raw("type") or b""),
        value=None if value is None else describe(value),
        exc_info=None if exc_string is None else _text(unzipped(exc_string)),
        worker_name=hash_.text("worker_name"),
        run_started_at=hash_.epoch("execution_started_at"),
        run_ended_at=hash_.epoch("execution_ended_at"),
    )


def unzipped(data: bytes) -> bytes:
    """What RQ compressed; earlier ones did not. At most a little more than can be read."""
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(data, MAX_BYTES + 1)
    return data


_Read = TypeVar("_Read")


def _or_none(read_it: Callable[[], _Read]) -> _Read | None:
    try:
        return read_it()
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        return None


class Hash:
    """A hash's fields, each as what it should be, or None. No method raises anything."""

    def __init__(self, fields: Mapping[bytes, bytes | None]) -> None:
        self._fields = fields

    def raw(self, name: str) -> bytes | None:
        """A field's bytes; RQ writes an empty one for what it does not know."""
        return self._fields.get(name.encode()) or None

    def text(self, name: str) -> str | None:
        found = self.raw(name)
        return None if found is None else cut(found.decode("utf-8", "replace"), _SHORT)

    def time(self, name: str) -> str | None:
        """RQ's time, which is in UTC; once it had no fraction of a second."""
        found = self.text(name)
        if found is None:
            return None
        return _or_none(lambda: as_time(_in_utc(datetime.fromisoformat(found)).timestamp()))

    def epoch(self, name: str) -> str | None:
        found = self.raw(name)
        return None if found is None else _or_none(lambda: as_time(float(found)))

    def number(self, name: str) -> int | None:
        found = self.raw(name)
        return None if found is None else _or_none(lambda: _small(int(found)))

    def json(self, name: str) -> Any:
        found = self.raw(name)
        return None if found is None else _or_none(lambda: json.loads(found))

    def numbers(self, name: str) -> tuple[int, ...]:
        found = self.json(name)
        known = found[:_MAX_IDS] if isinstance(found, list) else []
        return tuple(n for n in known if isinstance(n, int) and n.bit_length() <= INTEGER_BITS)

    def value(self, name: str) -> Any:
        found = self.raw(name)
        return None if found is None else describe(found)

    def decoded(self, name: str) -> bytes | None:
        """A field in Base64."""
        found = self.raw(name)
        return None if found is None else _or_none(lambda: base64.b64decode(found))

    def unzipped_text(self, name: str) -> str | None:
        found = self.raw(name)
        return None if found is None else _text(unzipped(found)) or None


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _small(number: int) -> int:
    if number.bit_length() > INTEGER_BITS:
        raise OverflowError
    return number


def _text(data: bytes) -> str:
    """The end of a long text, for a traceback says what happened in its last line."""
    text = data.decode("utf-8", "replace")
    return text if len(text) <= MAX_CHARACTERS else "…" + text[-MAX_CHARACTERS:]


def _call(hash_: Hash) -> tuple[str | None, Any, Any, Any]:
    """What is run: the function's dotted name, the object it is a method of, and its arguments."""
    data = hash_.raw("data")
    called = re.match(_FUNCTION, hash_.text("description") or "")
    named = called and called[0]
    if data is None:
        return named, None, None, None
    try:
        function, instance, args, kwargs = read(unzipped(data))
    except Unreadable as unreadable:
        return named, None, f"<{unreadable}>", None
    except (ValueError, TypeError):
        return named, None, "<no call of a function>", None
    name = cut(function, _SHORT) if isinstance(function, str) else named
    return name, described(instance), described(args), described(kwargs)


def _dependencies(hash_: Hash) -> tuple[str, ...]:
    found = hash_.json("dependency_ids")
    if isinstance(found, list):
        return tuple(cut(one, _SHORT) for one in found[:_MAX_IDS] if isinstance(one, str))
    single = hash_.text("dependency_id")
    return (single,) if single else ()


def _progress(meta: Any) -> RqProgress | None:
    """A float up to 1 is a fraction, any other number a percentage."""
    said = meta.get("progress") if isinstance(meta, dict) else None
    if isinstance(said, dict):
        current, total = _plain(said.get("current")), _plain(said.get("total"))
        message = said.get("message")
        share = None if current is None or not total else 100 * current / total
        words = message if isinstance(message, str) else ""
        return RqProgress(_percent(share), current, total, cut(words, _SHORT))
    number = _plain(said)
    if number is None:
        return None
    return RqProgress(_percent(100 * number if isinstance(said, float) and said <= 1 else number))


def _plain(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _percent(number: float | None) -> float | None:
    return None if number is None else max(0.0, min(100.0, float(number)))
