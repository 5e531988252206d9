"""The API of many jobs at once: how many match, and doing the same to them."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_request, tag

from jobs.errors import BadParameters
from quart_app.api import shapes
from quart_app.bodies import filter_of, json_object
from quart_app.desk import BULK_JOBS, desk
from quart_app.replies import json_reply

api = Blueprint("api_bulk", __name__, url_prefix="/api/jobs")


@api.post("/bulk")
@tag(["jobs"])
@document_request(shapes.BulkRequest)
async def act() -> Response:
    """Stop, retry or delete the jobs named, or all that match."""
    body = await json_object()
    action, ids, match = str(body.get("action")), body.get("ids"), body.get("match")
    if (ids is None) == (match is None):
        raise BadParameters({"ids": "either these or `match` is needed"})
    if ids is None:
        if not isinstance(match, dict):
            raise BadParameters({"match": "is an object, as a list's query"})
        return json_reply(await desk().bulk_matching(action, filter_of(match)))
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise BadParameters({"ids": "is a list of jobs' ids"})
    if len(ids) > BULK_JOBS:
        raise BadParameters({"ids": f"has at most {BULK_JOBS} ids"})
    return json_reply(await desk().bulk(action, ids))
