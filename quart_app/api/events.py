"""The streams' routes: one job's life, and the list's."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from quart import Blueprint, Response, request
from quart.typing import ResponseReturnValue
from quart_schema import document_querystring, tag

from headway.errors import BadParameters
from headway.model.record import Record
from quart_app.access import gate
from quart_app.api import shapes
from quart_app.door.bodies import filter_of_query
from quart_app.door.replies import nothing, stream_reply
from quart_app.live.backend import backend
from quart_app.live.event_id import Position, position_of
from quart_app.live.stream import JobView, ListView, View, stream

api = Blueprint("api_events", __name__, url_prefix="/api")


@api.get("/jobs/<job_id>/events")
@tag(["streams"])
@document_querystring(shapes.JobStreamQuery)
async def of_job(job_id: str) -> ResponseReturnValue:
    """One job's record as it is, every newer state, and at the job's end an event `end`."""
    record = await gate().job_as_event(job_id)
    after, relay = _position(), backend().relay
    if after and after.seq > max(relay.cursor, record.seq):
        after = None  # it saw a store of which this is an older copy
    if after and after.epoch == relay.epoch:
        after = _not_beyond(record, after)
    log = _wants_log()
    if record.final and after and _has_all(record, after, log=log):
        # By the HTML standard this, and only this, stops an EventSource for good.
        return b"", HTTPStatus.NO_CONTENT
    return _streamed(JobView(backend().reader, relay, job_id, after, log=log))


@api.get("/events")
@tag(["streams"])
@document_querystring(shapes.ListStreamQuery)
async def of_all() -> Response:
    """The list: a snapshot, or the changes since the last event, then every change."""
    here, wanted = backend(), gate().narrowed(filter_of_query())
    return _streamed(ListView(here.reader, here.relay, here.status, wanted, _position()))


def _streamed(view: View) -> Response:
    require_stream_slot()
    return stream_reply(nothing() if request.method == "HEAD" else stream(backend().hub, view))


def _not_beyond(record: Record, after: Position) -> Position:
    # A position on the list's stream is further on than the record; it has seen that too.
    line = None if after.line is None else min(after.line, record.log_lines)
    return replace(after, seq=min(after.seq, record.seq), line=line)


def _has_all(record: Record, after: Position, *, log: bool) -> bool:
    """True when nothing that this client wants can come after its position."""
    has_state = (after.epoch, after.seq) == (backend().relay.epoch, record.seq)
    has_log = not log or after.line is None or after.line == record.log_lines
    return has_state and has_log


def _position() -> Position | None:
    # A client that makes its EventSource anew loses the header; the header wins, and what a library
    # appended wins over what the page wrote into the address before.
    named = (request.args.get(name) for name in ("lastEventId", "last_event_id"))
    return position_of(request.headers.get("Last-Event-ID") or next(filter(None, named), None))


def _wants_log() -> bool:
    wanted = request.args.get("log", "0")
    if wanted not in {"0", "1"}:
        raise BadParameters({"log": "is 0 or 1"})
    return wanted == "1"


def require_stream_slot() -> None:
    """Take a slot for a request that waits for changes.

    Raises NoStreamSlot when all are taken.
    """
    backend().stream_slots.take(request.scope)
