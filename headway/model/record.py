"""The record: what is known of one job, as it stands in the store and on the wire."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote
from uuid import UUID

JsonDict = dict[str, Any]


class Status(StrEnum):
    """Where a job stands; the last four are final."""

    SCHEDULED = "scheduled"
    DEFERRED = "deferred"
    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"
    CANCELED = "canceled"


class Origin(StrEnum):
    """Who put a job into RQ, and so knows what is to be run."""

    HEADWAY = "headway"
    APPLICATION = "application"


FINAL = frozenset({Status.FINISHED, Status.FAILED, Status.STOPPED, Status.CANCELED})
WAITING = frozenset({Status.SCHEDULED, Status.DEFERRED, Status.QUEUED})


class Action(StrEnum):
    """What a person can do to a job."""

    STOP = "stop"
    RETRY = "retry"
    DELETE = "delete"


# The statuses in which a job can have each action done to it.
ACTIONS = {
    Action.STOP: frozenset(Status) - FINAL,
    Action.RETRY: FINAL - {Status.FINISHED},
    Action.DELETE: FINAL,
}

# What ends a line for str.splitlines, and so for readers of text such as requests and httpx, and
# what JSON does not escape by itself: each would cut an event in two.
_LINE_ENDS = {end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}

# Ids as RQ and we make them; `new` is a page's name.
_PLAIN = re.compile(r"(?!new$)[A-Za-z0-9_-]+")
# What no percent sign saves: a slash parts an address, browsers walk along dots, and the mark of
# what was written in another way.
_LOST = re.compile(r"new|\.{1,2}|~.*|.*/.*", re.DOTALL)
_MARK = "~"

# A longer result, in bytes of JSON, is in no event and on no list: its size and a link are.
EVENT_RESULT_BYTES = 2_000

# How far along a status is within one attempt; a write may never lower it.
RANK = {status: 0 if status in WAITING else 2 if status in FINAL else 1 for status in Status}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: the error's type, a sentence, and the traceback where there is one."""

    type: str
    message: str
    traceback: str | None = None

    def to_json(self, *, with_traceback: bool) -> JsonDict:
        data = asdict(self)
        if not with_traceback:
            del data["traceback"]
        return data


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a job left: its name, media type and size in bytes."""

    name: str
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Record:
    """One job's state. Times are RFC 3339 in UTC; `progress` is 0-100 or None when unknown."""

    id: str
    kind: str
    queue: str
    status: Status
    seq: int
    attempt: int
    max_attempts: int
    created_at: str
    updated_at: str
    title: str = ""
    owner: str | None = None
    progress: float | None = None
    message: str = ""
    step: int | None = None
    steps: int | None = None
    step_name: str | None = None
    eta_seconds: float | None = None
    # A large one stays in the store where only its size is wanted: JSON in so many bytes of UTF-8.
    result: Any = None
    result_bytes: int | None = None
    error: Failure | None = None
    worker: str | None = None
    stalled: bool = False
    log_lines: int = 0
    # Lines of the log that have begun and may change yet: their stream, time and text.
    open_lines: list[JsonDict] = field(default_factory=list)
    artifact_count: int = 0
    started_at: str | None = None
    ended_at: str | None = None
    run_at: str | None = None
    stop_by: str | None = None
    deleted: bool = False
    origin: Origin = Origin.HEADWAY
    # False while only RQ itself has said anything of the job: it has no log, progress or files.
    recorded: bool = True
    # What was asked for, as it is shown; and as JSON what the function gets, where it differs.
    params: JsonDict = field(default_factory=dict)
    arguments: str | None = None

    @property
    def final(self) -> bool:
        """True when nothing more will happen without a retry."""
        return self.status in FINAL

    @property
    def external(self) -> bool:
        """True when other code put the job into RQ, which alone knows what is to be run."""
        return self.origin == Origin.APPLICATION

    @property
    def actions(self) -> list[Action]:
        """What a person can do to the job as it stands."""
        return [action for action, statuses in ACTIONS.items() if self.status in statuses]

    @property
    def since(self) -> str:
        """When the job came into its state: when it ended, else began, else was created."""
        return self.ended_at or self.started_at or self.created_at

    def to_json(self, artifacts: Sequence[Artifact] = ()) -> JsonDict:
        """The record as the status endpoint shows it, with the first of its files."""
        data = self._json(event=False)
        data["links"]["artifacts"] = self.artifact_links(artifacts)
        return data

    def to_event(self) -> JsonDict:
        """The record as events and lists carry it: of what can be large, how large it is.

        It has neither `params` nor the traceback, no file's name and no large result.
        """
        data = self._json(event=True)
        if (self.result_bytes or 0) > EVENT_RESULT_BYTES:
            data["result"] = None
        data["links"]["artifacts"] = None if self.artifact_count else []
        return data

    def artifact_links(self, artifacts: Iterable[Artifact]) -> list[JsonDict]:
        """Files of this job, each with its address."""
        base = f"/api/jobs/{address_of(self.id)}/artifacts"
        return [
            {**asdict(each), "href": f"{base}/{quote(each.name, safe='')}"} for each in artifacts
        ]

    def _json(self, *, event: bool) -> JsonDict:
        data: JsonDict = {name: getattr(self, name) for name in SHOWN_COLUMNS}
        data["error"] = self.error.to_json(with_traceback=not event) if self.error else None
        if not event:
            data["params"] = self.params
        data["links"] = self._links()
        return data

    def _links(self) -> JsonDict:
        part = address_of(self.id)
        base = f"/api/jobs/{part}"
        return {
            "self": base,
            "page": f"/jobs/{part}",
            "events": f"{base}/events",
            "log": f"{base}/log",
            "attempts": f"{base}/attempts",
            "timeline": f"{base}/timeline",
            "result": f"{base}/result",
            "files": f"{base}/artifacts",
        }


# What the store keeps of one attempt in columns that may be empty: the next one begins without it.
OF_ATTEMPT = frozenset(
    "progress step steps step_name eta_seconds result result_bytes error_type error_message"
    " error_traceback worker started_at ended_at stop_by open_lines".split()
)

SHOWN_COLUMNS = tuple(
    name
    for name in Record.__dataclass_fields__
    if name not in {"error", "params", "arguments", "deleted"}
)


def now() -> str:
    """This moment as every table and every event writes it: RFC 3339, UTC, microseconds."""
    return as_time(time.time())


def as_time(epoch_seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 in UTC; fixed width, so that text order is time order."""
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_of(moment: str) -> float:
    """The inverse of `as_time`; accepts any RFC 3339 time. Raises ValueError for other text."""
    parsed = datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        raise ValueError("a time needs its zone, as in 2026-01-31T12:00:00Z")
    return parsed.timestamp()


def new_id() -> str:
    """A UUIDv7 (RFC 9562): its text order is the order of creation, to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(UUID(int=value))


def address_of(job_id: str) -> str:
    """What stands for a job in an address; plain ids for themselves."""
    if _PLAIN.fullmatch(job_id):
        return job_id
    if _LOST.fullmatch(job_id):
        return _MARK + job_id.encode().hex()
    return quote(job_id, safe="")


def id_in(part: str) -> str:
    """The id that a part of an address stands for, its percent signs read already."""
    if part.startswith(_MARK):
        try:
            return bytes.fromhex(part[1:]).decode()
        except ValueError:
            pass  # an id that was typed as it is
    return part


def dumps(value: Any) -> str:
    """Compact JSON, in one line for every reader of lines.

    Raises TypeError or ValueError for what JSON cannot express, such as NaN.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if text.isascii():  # all of it, mostly, and Python knows that without looking
        return text
    for end, escape in _LINE_ENDS.items():
        text = text.replace(end, escape)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: only its escape can travel
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text


def safe_text(text: object, limit: int) -> str:
    """Any object as text that every database and every wire can carry, `limit` characters long."""
    try:
        shown = text if isinstance(text, str) else str(text)
    except Exception:  # noqa: BLE001  # an author's own __str__ may raise anything
        shown = f"(a {type(text).__name__} that cannot be shown)"
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    return shown.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
