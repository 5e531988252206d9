"""The API of many jobs at once: doing the same to those that are named, or to all that match."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import tag, validate_request

from quart_app.access import gate
from quart_app.api import response_models
from quart_app.api.openapi import answers
from quart_app.api.request_models import BulkRequest
from quart_app.bulk import Bulk, all_changes, stretch_of
from quart_app.door.responses import json_reply
from quart_app.services import services

api = Blueprint("api_bulk", __name__, url_prefix="/api/jobs")


@api.post("/bulk")
@tag(["jobs"])
@answers({200: response_models.BulkAnswer}, 400, 409, 413, 415, 503)
@validate_request(BulkRequest)
async def act(data: BulkRequest) -> Response:
    """Stop, retry or delete the jobs named, or all that match; `next` of the answer goes on."""
    bulk = Bulk(gate(), data.action)
    if "ids" in data.model_fields_set:
        tally, left = await bulk.to_named(data.ids)
        return json_reply(tally.to_json({"action": data.action, "ids": left} if left else None))
    stretch = stretch_of(data.begin) if data.begin else await all_changes(services().reader)
    tally, rest = await bulk.to_matching(data.match.filter(), stretch)
    match = data.match.model_dump(exclude_unset=True)
    following = {"action": data.action, "match": match, "from": str(rest)}
    return json_reply(tally.to_json(following if tally.left else None))
