"""The API of characters."""

from __future__ import annotations

from quart import Blueprint, Response, request
from quart_schema import document_querystring, document_request, tag

from quart_app.api import library_shapes, shapes
from quart_app.api.jobs import accepted
from quart_app.desk import desk
from quart_app.door.bodies import idempotency_key, json_object, page_of_query, posted_form
from quart_app.door.limits import MULTIPART, PHOTO
from quart_app.door.replies import json_reply
from quart_app.paging import page_of

api = Blueprint("api_characters", __name__, url_prefix="/api/characters")


@api.post("")
@tag(["characters"])
@document_request(library_shapes.CharacterRequest)
async def create() -> Response:
    """Keep a character, from JSON or from a form with a photo, and start its portrait."""
    if request.mimetype == MULTIPART:
        values, photo = (await posted_form()).to_dict(), (await request.files).get(PHOTO)
        values.pop(PHOTO, None)
    else:
        values, photo = await json_object(), None
    character, record = await desk().submit_character(values, photo, key=idempotency_key())
    return await accepted(record, message="The portrait is being made.", character=character)


@api.get("")
@tag(["characters"])
@document_querystring(shapes.PageQuery)
async def newest() -> Response:
    """Characters, newest first, a page at a time."""
    before, limit = page_of_query()
    found = await desk().characters(before=before, most=limit + 1)
    shown, following = page_of(found, limit)
    address = f"/api/characters?before={following}&limit={limit}" if following else None
    return json_reply({"characters": shown, "next": address})


@api.get("/<character_id>")
@tag(["characters"])
async def show(character_id: str) -> Response:
    """One character."""
    return json_reply(await desk().character(character_id))


@api.get("/<character_id>/generation-status")
@tag(["characters"])
async def generation_status(character_id: str) -> Response:
    """How far a character's portrait is."""
    return json_reply(await desk().generation(character_id))
