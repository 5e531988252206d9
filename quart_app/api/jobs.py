"""The API of jobs: start, look, wait, stop, retry, delete."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from quart import Blueprint, Response, request
from quart.typing import ResponseReturnValue
from quart_schema import (
    document_querystring,
    document_request,
    tag,
)

from headway.client import LONGEST_DELAY_SECONDS
from headway.errors import BadParameters
from headway.kinds.registry import kinds as registered
from headway.model.links import address_of
from headway.model.record import Action, JsonDict, Record, safe_text, seconds_of
from quart_app.access import gate
from quart_app.api import shapes
from quart_app.api.events import require_stream_slot
from quart_app.door.bodies import (
    filter_of_query,
    idempotency_key,
    json_object,
    listed_at,
    names_in,
    number_of_query,
    page_of_query,
    refuse_unknown,
)
from quart_app.door.limits import LINKED_ARTIFACTS
from quart_app.door.replies import json_reply
from quart_app.live.backend import backend
from quart_app.paging import page_of, place_of

# Longest wait of the status endpoint, in seconds: under the timeouts of usual proxies.
LONGEST_WAIT_SECONDS = 55
# Longest name of an owner, in characters.
OWNER_CHARACTERS = 200

api = Blueprint("api_jobs", __name__, url_prefix="/api")


@api.get("/kinds")
@tag(["jobs"])
async def kinds() -> Response:
    """Every kind of job, with its parameters' JSON schema."""
    return json_reply({"kinds": [kind.to_json() for kind in registered()]})


@api.post("/jobs")
@tag(["jobs"])
@document_request(shapes.JobRequest)
async def submit() -> Response:
    """Start a job, at once or at `run_at` or after `delay_seconds`."""
    body = await json_object(free={"params", "owner"})  # each made storable later
    refuse_unknown(body, names_in(shapes.JobRequest))
    kind, params, owner = body.get("kind"), body.get("params", {}), body.get("owner")
    if not isinstance(kind, str):
        raise BadParameters({"kind": "is needed: the name of a kind"})
    if owner is not None and not (isinstance(owner, str) and 0 < len(owner) <= OWNER_CHARACTERS):
        raise BadParameters({"owner": f"is text of 1 to {OWNER_CHARACTERS} characters"})
    owner = safe_text(owner, OWNER_CHARACTERS) if owner else None
    when = [body.get("run_at"), body.get("delay_seconds")]
    record = await gate().submit(
        kind, params, owner=owner, run_at=_run_at(body), key=idempotency_key(), when=when
    )
    return await accepted(record)


@api.get("/jobs")
@tag(["jobs"])
@document_querystring(shapes.PagedJobQuery)
async def newest() -> Response:
    """Jobs, newest first, a page at a time; of some states, what came into its state last."""
    before, limit = page_of_query()
    wanted, at = filter_of_query(), listed_at(request.args)
    found = await gate().newest(wanted, before=before, at=at, most=limit + 1)
    jobs, following = page_of([record.to_event() for record in found.records], limit)
    asked = [pair for pair in request.args.items(multi=True) if pair[0] not in {"before", "at"}]
    place = place_of(wanted, jobs) if following else {}
    address = f"/api/jobs?{urlencode([*asked, *place.items()])}" if following else None
    cursor = f"{found.epoch}:{found.seq}"
    return json_reply({"jobs": jobs, "next": address, "cursor": cursor})


@api.get("/jobs/<job_id>")
@tag(["jobs"])
@document_querystring(shapes.WaitQuery)
async def status(job_id: str) -> Response:
    """The status endpoint: the record now, or when it changes if asked to `wait`."""
    record = await gate().job(job_id)
    wait = number_of_query("wait", 0, LONGEST_WAIT_SECONDS)
    if wait and not record.final:
        require_stream_slot()
        record = await _changed(record, wait, _known_states() if request.if_none_match else None)
    waits_for = await backend().waits_for(record)
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
async def stop(job_id: str) -> Response:
    """Cancel a waiting job, stop a started one."""
    return await accepted(await gate().act(Action.STOP, job_id))


@api.post("/jobs/<job_id>/retry")
@tag(["jobs"])
async def retry(job_id: str) -> Response:
    """Queue the next attempt of a job that did not work out."""
    return await accepted(await gate().act(Action.RETRY, job_id))


@api.delete("/jobs/<job_id>")
@tag(["jobs"])
async def delete(job_id: str) -> ResponseReturnValue:
    """Delete a job that is over."""
    await gate().act(Action.DELETE, job_id)
    return b"", HTTPStatus.NO_CONTENT


async def accepted(record: Record, **more: Any) -> Response:
    """The answer to something that will now happen to a job."""
    told = await whole(record)
    body = {**more, "job": told} if more else told
    response = json_reply(body, HTTPStatus.ACCEPTED)
    response.headers["Location"] = f"/api/jobs/{address_of(record.id)}"
    return response


async def whole(record: Record) -> JsonDict:
    """A record as JSON, with the first of its files."""
    if not record.artifact_count:
        return record.to_json()
    return record.to_json(await backend().reader.artifacts(record.id, most=LINKED_ARTIFACTS))


def _known_states() -> Callable[[str], bool]:
    """Which states the client knows, whatever they waited for then."""
    tags = request.if_none_match
    states = {"-".join(tag.split("-")[:2]) for tag in tags.as_set(include_weak=True)}
    return lambda tag: tags.star_tag or tag in states


async def _changed(record: Record, seconds: int, known: Callable[[str], bool] | None) -> Record:
    """The record as soon as it differs from what the client knows, or when the time is up."""
    give_up = time.monotonic() + seconds
    with backend().hub.watch(record.id) as watcher:
        # A change between the first look and taking the place would go unseen without this.
        seen = record.seq
        record = await gate().job(record.id)
        while record.seq == seen or (known and known(_etag(record))):
            if known and not known(_etag(record)):
                break
            left = give_up - time.monotonic()
            if left <= 0 or watcher.closed or await watcher.frame(left) is None:
                break
            record = await gate().job(record.id)
    return record


def _etag(record: Record, waits_for: JsonDict | None = None) -> str:
    # What a job waits for may change while its record does not.
    mark = f"-{crc32(waits_for['reason'].encode()):x}" if waits_for else ""
    return f"{backend().relay.epoch}-{record.seq}{mark}"


def _run_at(body: JsonDict) -> float | None:
    run_at, delay = body.get("run_at"), body.get("delay_seconds")
    if run_at is not None and delay is not None:
        raise BadParameters({"delay_seconds": "cannot be given together with run_at"})
    if delay is not None:
        if isinstance(delay, bool) or not isinstance(delay, int | float) or delay < 0:
            raise BadParameters({"delay_seconds": "is a number of seconds from 0 on"})
        # Clipped first: a whole number may be too large to be added to anything.
        return time.time() + min(delay, 2 * LONGEST_DELAY_SECONDS)
    if run_at is None:
        return None
    try:
        return seconds_of(run_at)
    except (TypeError, ValueError, OverflowError):
        raise BadParameters(
            {"run_at": "is a time with its zone, as in 2026-01-31T12:00:00Z"}
        ) from None
