"""The API of what a job did and left: its attempts, its timeline and its files."""

from __future__ import annotations

from quart import Blueprint, Response, send_file
from quart.typing import ResponseReturnValue
from quart_schema import tag

from jobs.artifacts import PICTURE_TYPES, UNKNOWN_TYPE, artifact_path, media_type_of
from jobs.errors import UnknownThing
from quart_app.backend import backend
from quart_app.desk import desk
from quart_app.replies import json_reply

# Types that a browser may show; anything else a job left is a download.
SHOWN_TYPES = PICTURE_TYPES | {"text/plain"}

api = Blueprint("api_history", __name__, url_prefix="/api")


@api.get("/jobs/<job_id>/attempts")
@tag(["jobs"])
async def attempts(job_id: str) -> Response:
    """Every attempt, with its error and traceback."""
    return json_reply({"job_id": job_id, "attempts": await desk().attempts(job_id)})


@api.get("/jobs/<job_id>/timeline")
@tag(["jobs"])
async def timeline(job_id: str) -> Response:
    """The job's states and steps, each from its moment on; a job of very many has not all."""
    return json_reply({"job_id": job_id, "moments": await desk().timeline(job_id)})


@api.get("/jobs/<job_id>/artifacts/<name>")
@tag(["jobs"])
async def artifact(job_id: str, name: str) -> ResponseReturnValue:
    """A file that the job left."""
    record = await desk().job(job_id)
    if name not in {artifact.name for artifact in record.artifacts}:
        raise UnknownThing("This job left no file of this name.")
    path = artifact_path(backend().settings, job_id, name)
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
