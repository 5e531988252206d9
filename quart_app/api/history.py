"""The API of what a job did and left: attempts, timeline, result and files."""

from __future__ import annotations

from quart import Blueprint, Response, send_file
from quart.typing import ResponseReturnValue
from quart_schema import tag, validate_querystring

from headway.errors import UnknownThing
from headway.files import PICTURE_TYPES, UNKNOWN_TYPE, artifact_path, media_type_of
from headway.model.record import address_of
from quart_app.access import gate
from quart_app.addresses import base, linked_files
from quart_app.api import system_models
from quart_app.api.openapi import ANY, JSON, answers
from quart_app.api.request_models import ArtifactQuery
from quart_app.door.responses import json_reply, json_text
from quart_app.services import services

# Types that a browser may show; anything else a job left is a download.
SHOWN_TYPES = PICTURE_TYPES | {"text/plain"}

api = Blueprint("api_history", __name__, url_prefix="/api")


@api.get("/jobs/<job_id>/attempts")
@tag(["jobs"])
@answers({200: system_models.Attempts}, 404, 503)
async def attempts(job_id: str) -> Response:
    """Every attempt, with its error and traceback."""
    record = await gate().job_as_event(job_id)
    found = await services().reader.attempts(record.id)
    return json_reply({"job_id": job_id, "attempts": found})


@api.get("/jobs/<job_id>/timeline")
@tag(["jobs"])
@answers({200: system_models.Timeline}, 404, 503)
async def timeline(job_id: str) -> Response:
    """The job's states and steps, each from its moment on; a job of very many has not all."""
    record = await gate().job_as_event(job_id)
    found = await services().reader.timeline(record.id)
    return json_reply({"job_id": job_id, "moments": found})


@api.get("/jobs/<job_id>/result")
@tag(["jobs"])
@answers({200: JSON}, 404, 503)
async def result(job_id: str) -> Response:
    """What the job returned, whole, as JSON."""
    record = await gate().job_as_event(job_id)
    found = await services().reader.result(record.id)
    if found is None:
        raise UnknownThing("This job has no result.")
    return json_text(found)


@api.get("/jobs/<job_id>/artifacts")
@tag(["jobs"])
@answers({200: system_models.Artifacts}, 404, 503)
@validate_querystring(ArtifactQuery)
async def artifacts(job_id: str, query_args: ArtifactQuery) -> Response:
    """The files that the job left, in the order in which they came, a page at a time."""
    after, most = query_args.after, query_args.limit
    record = await gate().job_as_event(job_id)
    files = await services().reader.artifacts(record.id, after=after, most=most)
    shown = linked_files(record.artifact_links(files))
    more = after + len(shown) < record.artifact_count and shown
    rest = f"artifacts?after={after + len(shown)}&limit={most}"
    count = record.artifact_count
    return json_reply(
        {
            "job_id": job_id,
            "artifacts": shown,
            "artifact_count": count,
            "next": f"{base()}/api/jobs/{address_of(job_id)}/{rest}" if more else None,
        }
    )


@api.get("/jobs/<job_id>/artifacts/<name>")
@tag(["jobs"])
@answers({200: ANY, 206: ANY, 304: None, 412: None}, 404, 416, 503)
async def artifact(job_id: str, name: str) -> ResponseReturnValue:
    """A file that the job left."""
    record = await gate().job_as_event(job_id)
    if await services().reader.artifact(record.id, name) is None:
        raise UnknownThing("This job left no file of this name.")
    path = artifact_path(services().settings, job_id, name, record.attempt)
    if not path.is_file():
        raise UnknownThing("This file is not stored here any more.")
    media_type = media_type_of(name)
    shown = media_type in SHOWN_TYPES
    response = await send_file(
        path,
        mimetype=media_type if shown else UNKNOWN_TYPE,
        as_attachment=not shown,
        attachment_filename=name,
        conditional=True,
        cache_timeout=0,
    )
    response.cache_control.public = False
    response.cache_control.private = True  # it is of a person's job; no proxy keeps it
    return response
