"""An event on the wire: its id, and its bytes by the WHATWG HTML standard, section 9.2.

An id is `epoch:seq`, and `:line` with a log; a client sends back the last one it has seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from headway.model.record import FINAL, JsonDict, Record, Status, dumps

DIGITS = 18  # of the largest number in an id: what a database holds
_ID = re.compile(rf"([0-9A-Za-z]{{1,32}}):([0-9]{{1,{DIGITS}}})(?::([0-9]{{1,{DIGITS}}}))?")
# CR, LF and CRLF each end a line and nothing else does.
_LINE_END = re.compile(rb"\r\n|\r|\n")
# In a field of one line these would end the field, or make a parser drop it.
_NOT_IN_A_FIELD = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a client left off: a store's epoch, a seq in it, and the last line of a job's log.

    `line` is None without a log.
    """

    epoch: str
    seq: int
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.epoch}:{self.seq}"
        return place if self.line is None else f"{place}:{self.line}"


def position_of(text: str | None) -> Position | None:
    """The position that an id names; None for no id and for any that is not one of ours."""
    found = _ID.fullmatch(text or "")
    if found is None:
        return None
    epoch, seq, line = found.groups()
    return Position(epoch, int(seq), None if line is None else int(line))


def encode(name: str, data: bytes) -> bytes:
    """An event of this name. Any UTF-8 may be its data; line ends inside arrive as LF."""
    lines = _LINE_END.sub(b"\ndata: ", data)
    return _field("event", name) + b"data: " + lines + b"\n\n"


def encode_json(name: str, value: object) -> bytes:
    """An event whose data is a value as JSON. Raises as the record's `dumps` does."""
    return encode(name, dumps(value).encode())


def id_line(position: Position) -> bytes:
    """The line that makes the event after it resumable."""
    return _field("id", str(position))


def retry_line(milliseconds: int) -> bytes:
    """The line that says how long to wait before connecting again; it goes before an event.

    By itself it would be a message without data, on which some clients break.
    """
    return b"retry: %d\n" % milliseconds


def _field(name: str, value: str) -> bytes:
    return f"{name}: {_NOT_IN_A_FIELD.sub('', value)}\n".encode("utf-8", "replace")


# What a stream sends when it has nothing to say.
HEARTBEAT = encode_json("heartbeat", {})


@dataclass(frozen=True)
class Event:
    """One job's state at one `seq`, encoded once for all watchers; `body` is its JSON."""

    id: str
    seq: int
    kind: str
    queue: str
    owner: str | None
    status: Status
    deleted: bool
    log_lines: int
    body: bytes

    @property
    def final(self) -> bool:
        """True when nothing more will come of this job."""
        return self.deleted or self.status in FINAL

    @cached_property
    def encoded(self) -> bytes:
        """The event without its id line, which differs from stream to stream."""
        return gone(self.id) if self.deleted else encode("job", self.body)


def gone(job_id: str) -> bytes:
    """The event that says that a job was deleted, or left the list."""
    return encode_json("gone", {"id": job_id})


def ended(job_id: str, status: Status | None = None) -> bytes:
    """The event that says that nothing more will come; `status` is None for a deleted job.

    Some clients, such as htmx, stop at an event's name and at nothing else.
    """
    return encode_json("end", {"id": job_id, "status": status})


def event_of_record(record: Record) -> Event:
    """The event of a record as the store holds it."""
    fields = record.to_event()
    return event_of_message(record.deleted, dumps(fields).encode(), fields)


def event_of_message(deleted: bool, body: bytes, fields: JsonDict) -> Event:
    """The event of a published change. Raises KeyError or ValueError for anything else."""
    return Event(
        id=fields["id"],
        seq=int(fields["seq"]),
        kind=fields["kind"],
        queue=fields["queue"],
        owner=fields["owner"],
        status=Status(fields["status"]),
        deleted=deleted,
        log_lines=int(fields["log_lines"]),
        body=body,
    )
