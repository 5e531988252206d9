"""The API of stories."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_querystring, document_request, tag

from quart_app.api import library_shapes, shapes
from quart_app.api.jobs import accepted
from quart_app.desk import desk
from quart_app.door.bodies import idempotency_key, json_object, page_of_query
from quart_app.door.replies import json_reply
from quart_app.paging import page_of

api = Blueprint("api_stories", __name__, url_prefix="/api/stories")


@api.post("")
@tag(["stories"])
@document_request(library_shapes.StoryRequest)
async def create() -> Response:
    """Keep a story of a stored character and start writing it."""
    story, record = await desk().submit_story(await json_object(), key=idempotency_key())
    return await accepted(record, message="The story is being written.", story=story)


@api.get("")
@tag(["stories"])
@document_querystring(shapes.PageQuery)
async def newest() -> Response:
    """Stories, newest first, a page at a time, without their text."""
    before, limit = page_of_query()
    found = await desk().stories(before=before, most=limit + 1)
    shown, following = page_of(found, limit)
    address = f"/api/stories?before={following}&limit={limit}" if following else None
    return json_reply({"stories": shown, "next": address})


@api.get("/<story_id>")
@tag(["stories"])
async def show(story_id: str) -> Response:
    """One story, as far as it is written."""
    return json_reply(await desk().story(story_id))
