"""The streams' routes: one job's life, and the list's."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from quart import Blueprint, Response, request
from quart.typing import ResponseReturnValue
from quart_schema import tag, validate_querystring

from headway.model.record import Record
from quart_app.access import gate
from quart_app.api.openapi import STREAM, answers
from quart_app.api.request_models import JobStreamQuery, ListStreamQuery, ResumedQuery
from quart_app.door.responses import nothing, stream_reply
from quart_app.live.event import Position, position_of
from quart_app.live.stream import JobView, ListView, View, stream
from quart_app.services import services

api = Blueprint("api_events", __name__, url_prefix="/api")


@api.get("/jobs/<job_id>/events")
@tag(["streams"])
@answers({200: STREAM, 204: None}, 404, 503)
@validate_querystring(JobStreamQuery)
async def of_job(job_id: str, query_args: JobStreamQuery) -> ResponseReturnValue:
    """One job's record as it is, every newer state, and at the job's end an event `end`."""
    record = await gate().job_as_event(job_id)
    after, log = _position_in(record, query_args), query_args.log == "1"
    if record.final and after and _has_all(record, after, log=log):
        # By the HTML standard this, and only this, stops an EventSource for good.
        return b"", HTTPStatus.NO_CONTENT
    return _streamed(JobView(services().reader, services().relay, job_id, after, log=log))


@api.get("/events")
@tag(["streams"])
@answers({200: STREAM}, 503)
@validate_querystring(ListStreamQuery)
async def of_all(query_args: ListStreamQuery) -> Response:
    """The list: a snapshot, or the changes since the last event, then every change."""
    here, wanted = services(), gate().narrowed(query_args.filter())
    return _streamed(ListView(here.reader, here.relay, here.status, wanted, _position(query_args)))


def _streamed(view: View) -> Response:
    require_stream_slot()
    return stream_reply(nothing() if request.method == "HEAD" else stream(services().hub, view))


def _position_in(record: Record, query: ResumedQuery) -> Position | None:
    """Where the client left off in a job; None for a position that means nothing there."""
    after, relay = _position(query), services().relay
    if after is None or after.epoch != relay.epoch:
        return None
    if after.seq > max(relay.cursor, record.seq):
        return None  # of a store of which this is an older copy
    # A position on the list's stream may be further on than the record, which it has seen too.
    line = None if after.line is None else min(after.line, record.log_lines)
    return replace(after, seq=min(after.seq, record.seq), line=line)


def _has_all(record: Record, after: Position, *, log: bool) -> bool:
    """True when nothing that this client wants can come after its position."""
    return after.seq == record.seq and (not log or after.line in (None, record.log_lines))


def _position(query: ResumedQuery) -> Position | None:
    # A new EventSource does not send the header. Where it is sent, it wins; else what a library
    # appended to the address wins over what the page wrote there before.
    header = request.headers.get("Last-Event-ID")
    return position_of(header or query.lastEventId or query.last_event_id)


def require_stream_slot() -> None:
    """Take a slot for a request that waits for changes.

    Raises NoStreamSlot when all are taken.
    """
    services().stream_slots.take(request.scope)
