"""The API of many jobs at once: doing the same to those that are named, or to all that match."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, Response
from quart_schema import document_request, tag

from headway.errors import BadParameters
from headway.model.record import JsonDict
from quart_app.access import gate
from quart_app.api import shapes
from quart_app.bulk import BULK_JOBS, Bulk, all_changes, stretch_of
from quart_app.door.bodies import filter_of, json_object, names_in, refuse_unknown
from quart_app.door.replies import json_reply
from quart_app.live.backend import backend

api = Blueprint("api_bulk", __name__, url_prefix="/api/jobs")


@api.post("/bulk")
@tag(["jobs"])
@document_request(shapes.BulkRequest)
async def act() -> Response:
    """Stop, retry or delete the jobs named, or all that match; `next` of the answer goes on."""
    body = await json_object()
    refuse_unknown(body, names_in(shapes.BulkRequest))
    action, ids, match = str(body.get("action")), body.get("ids"), body.get("match")
    if (ids is None) == (match is None):
        raise BadParameters({"ids": "either these or `match` is needed"})
    if ids is None:
        return json_reply(await _to_all(action, match, body.get("from")))
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise BadParameters({"ids": "is a list of jobs' ids"})
    if len(ids) > BULK_JOBS:
        raise BadParameters({"ids": f"has at most {BULK_JOBS} ids"})
    tally, left = await Bulk(gate(), action).to_named(ids)
    return json_reply(tally.to_json({"action": action, "ids": left} if left else None))


async def _to_all(action: str, match: Any, begin: Any) -> JsonDict:
    if not isinstance(match, dict):
        raise BadParameters({"match": "is an object, as a list's query"})
    if begin is not None and not isinstance(begin, str):
        raise BadParameters({"from": "is text, as an answer's `next` says it"})
    wanted = filter_of(match)
    stretch = stretch_of(begin) if begin else await all_changes(backend().reader)
    tally, rest = await Bulk(gate(), action).to_matching(wanted, stretch)
    following = {"action": action, "match": match, "from": str(rest)}
    return tally.to_json(following if tally.left else None)
