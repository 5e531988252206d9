"""Events: a change as it goes to the watchers, encoded once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from headway.model.record import FINAL, JsonDict, Record, Status, dumps
from quart_app.live import sse


@dataclass(frozen=True)
class Event:
    """One job's state at one `seq`; `body` is its JSON."""

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
        if self.deleted:
            return gone(self.id)
        return sse.encode_json("job", self.body)


def gone(job_id: str) -> bytes:
    """The event that says that a job was deleted, or left the list."""
    return sse.encode_json("gone", dumps({"id": job_id}).encode())


def ended(job_id: str, status: Status | None = None) -> bytes:
    """The event that says that nothing more will come; `status` is None for a deleted job.

    Some clients, such as htmx, stop at an event's name and at nothing else.
    """
    return sse.encode_json("end", dumps({"id": job_id, "status": status}).encode())


def event_of_record(record: Record) -> Event:
    """The event of a record as the store holds it."""
    fields = record.to_event()
    return _event(fields, record.deleted, dumps(fields).encode())


def event_of_message(deleted: bool, body: bytes, fields: JsonDict) -> Event:
    """The event of a published change. Raises KeyError or ValueError for anything else."""
    return _event(fields, deleted, body)


def _event(fields: JsonDict, deleted: bool, body: bytes) -> Event:
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
