"""The API of jobs: start, look, wait, stop, retry, delete."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from quart import Blueprint, Response, request
from quart.typing import ResponseReturnValue
from quart_schema import tag, validate_querystring, validate_request
from werkzeug.datastructures import ETags

from headway.kinds.registry import kinds as registered
from headway.model.record import Action, JsonDict, Record, address_of
from quart_app.access import gate
from quart_app.addresses import base, linked
from quart_app.api import response_models, system_models
from quart_app.api.events import require_stream_slot
from quart_app.api.openapi import answers
from quart_app.api.request_models import JobRequest, PagedJobQuery, WaitQuery
from quart_app.door.request_parsing import idempotency_key
from quart_app.door.responses import json_reply
from quart_app.paging import page_of, place_of
from quart_app.services import services

api = Blueprint("api_jobs", __name__, url_prefix="/api")


@api.get("/kinds")
@tag(["jobs"])
@answers({200: system_models.Kinds})
async def kinds() -> Response:
    """All kinds of job, with its parameters' JSON schema."""
    return json_reply({"kinds": [kind.to_json() for kind in registered()]})


@api.post("/jobs")
@tag(["jobs"])
@answers({202: response_models.Job}, 400, 404, 409, 413, 415, 503, keyed=True)
@validate_request(JobRequest)
async def submit(data: JobRequest) -> Response:
    """Start a job, at once or at `run_at` or after `delay_seconds`."""
    sent = await request.get_json()
    record = await gate().submit(
        data.kind,
        data.params,
        owner=data.owner,
        run_at=data.due(),
        key=idempotency_key(),
        when=[sent.get("run_at"), sent.get("delay_seconds")],
    )
    return await accepted(record)


@api.get("/jobs")
@tag(["jobs"])
@answers({200: response_models.JobPage}, 404, 503)
@validate_querystring(PagedJobQuery)
async def newest(query_args: PagedJobQuery) -> Response:
    """Jobs, newest first, a page at a time; of some states, what came into its state last."""
    wanted, limit = query_args.filter(), query_args.limit
    found = await gate().newest(wanted, before=query_args.before, at=query_args.at, most=limit + 1)
    jobs, following = page_of([linked(record.to_event()) for record in found.records], limit)
    asked = [pair for pair in request.args.items(multi=True) if pair[0] not in {"before", "at"}]
    place = place_of(wanted, jobs) if following else {}
    address = f"{base()}/api/jobs?{urlencode([*asked, *place.items()])}" if following else None
    cursor = f"{found.epoch}:{found.seq}"
    return json_reply({"jobs": jobs, "next": address, "cursor": cursor})


@api.get("/jobs/<job_id>")
@tag(["jobs"])
@answers({200: response_models.Job, 304: None}, 404, 503)
@validate_querystring(WaitQuery)
async def status(job_id: str, query_args: WaitQuery) -> Response:
    """The status endpoint: the record now, or when it changes if asked to `wait`."""
    record = await gate().job(job_id)
    wait = query_args.wait
    if wait and not record.final:
        require_stream_slot()
        record = await _changed(record, wait)
    waits_for = await services().waits_for(record)
    response = json_reply(await whole(record) | {"waits_for": waits_for})
    tag = _etag(record, waits_for)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    if request.if_none_match.contains_weak(tag):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.set_data(b"")
        del response.headers["Content-Length"]  # of a 304 it would be the record's
    return response


@api.post("/jobs/<job_id>/stop")
@tag(["jobs"])
@answers({202: response_models.Job}, 404, 409, 503)
async def stop(job_id: str) -> Response:
    """Cancel a waiting job, stop a started one."""
    return await accepted(await gate().act(Action.STOP, job_id))


@api.post("/jobs/<job_id>/retry")
@tag(["jobs"])
@answers({202: response_models.Job}, 404, 409, 503)
async def retry(job_id: str) -> Response:
    """Queue the next attempt of a job that did not work out."""
    return await accepted(await gate().act(Action.RETRY, job_id))


@api.delete("/jobs/<job_id>")
@tag(["jobs"])
@answers({204: None}, 404, 409, 503)
async def delete(job_id: str) -> ResponseReturnValue:
    """Delete a job that is over."""
    await gate().act(Action.DELETE, job_id)
    return b"", HTTPStatus.NO_CONTENT


async def accepted(record: Record, **more: Any) -> Response:
    """The answer to something that will now happen to a job."""
    job = await whole(record)
    response = json_reply({**more, "job": job} if more else job, HTTPStatus.ACCEPTED)
    response.headers["Location"] = f"{base()}/api/jobs/{address_of(record.id)}"
    return response


async def whole(record: Record) -> JsonDict:
    """A record as JSON, with the first of its files."""
    if not record.artifact_count:
        return linked(record.to_json())
    files = await services().reader.artifacts(record.id, most=response_models.LINKED_ARTIFACTS)
    return linked(record.to_json(files))


async def _changed(record: Record, seconds: int) -> Record:
    """The record once it differs from what the client knows, or as it is when the time is up."""
    known = _known_states() if request.if_none_match else ETags({_etag(record)})
    with services().hub.watch(record.id) as watcher, suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            # Read again: a change between the first look and the watch would go unseen.
            record = await gate().job(record.id)
            while _etag(record) in known and not watcher.closed:
                if await watcher.frame(seconds) is not None:
                    record = await gate().job(record.id)
    return record


def _known_states() -> ETags:
    """The states that the client knows, whatever they waited for then."""
    tags = request.if_none_match
    states = {"-".join(tag.split("-")[:2]) for tag in tags.as_set(include_weak=True)}
    return ETags(states, star_tag=tags.star_tag)


def _etag(record: Record, waits_for: JsonDict | None = None) -> str:
    # What a job waits for may change while its record does not.
    mark = f"-{crc32(waits_for['reason'].encode()):x}" if waits_for else ""
    return f"{services().relay.epoch}-{record.seq}{mark}"
