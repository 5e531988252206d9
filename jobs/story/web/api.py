"""The API of stories."""

from __future__ import annotations

from quart import Blueprint, Response, request
from quart_schema import document_request, tag, validate_querystring

from jobs.story.web import shapes
from jobs.story.web.stories import STORY_PAGES, create_story
from quart_app.api.jobs import accepted
from quart_app.api.openapi import answers
from quart_app.api.request_models import PageQuery
from quart_app.door.request_parsing import idempotency_key
from quart_app.door.responses import json_reply

api = Blueprint("api_stories", __name__, url_prefix="/api/stories")


@api.post("")
@tag(["stories"])
@answers({202: shapes.StoryAccepted}, 400, 409, 413, 415, 503, keyed=True)
@document_request(shapes.StoryRequest)
async def create() -> Response:
    """Keep a story of a stored character and start writing it."""
    story_id, record = await create_story(await request.get_json(), key=idempotency_key())
    return await accepted(record, message="The story is being written.", story={"id": story_id})


@api.get("")
@tag(["stories"])
@answers({200: shapes.StoryPage}, 404, 503)
@validate_querystring(PageQuery)
async def newest(query_args: PageQuery) -> Response:
    """Stories, newest first, a page at a time, without their text."""
    return await STORY_PAGES.answer(query_args)


@api.get("/<story_id>")
@tag(["stories"])
@answers({200: shapes.Story}, 404, 503)
async def show(story_id: str) -> Response:
    """One story, as far as it is written."""
    return json_reply(await STORY_PAGES.one(story_id))
