"""The API of stories."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_querystring, document_request, tag

from jobs.story.web import shapes
from jobs.story.web.stories import STORY_PAGES, create_story
from quart_app.api.jobs import accepted
from quart_app.api.shapes import PageQuery
from quart_app.door.bodies import idempotency_key, json_object
from quart_app.door.replies import json_reply

api = Blueprint("api_stories", __name__, url_prefix="/api/stories")


@api.post("")
@tag(["stories"])
@document_request(shapes.StoryRequest)
async def create() -> Response:
    """Keep a story of a stored character and start writing it."""
    story_id, record = await create_story(await json_object(), key=idempotency_key())
    return await accepted(record, message="The story is being written.", story={"id": story_id})


@api.get("")
@tag(["stories"])
@document_querystring(PageQuery)
async def newest() -> Response:
    """Stories, newest first, a page at a time, without their text."""
    return await STORY_PAGES.answer()


@api.get("/<story_id>")
@tag(["stories"])
async def show(story_id: str) -> Response:
    """One story, as far as it is written."""
    return json_reply(await STORY_PAGES.one(story_id))
