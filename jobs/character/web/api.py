"""The API of characters."""

from __future__ import annotations

from quart import Blueprint, Response, request
from quart_schema import document_querystring, document_request, tag

from headway.model.record import JsonDict
from jobs.character.web import shapes
from jobs.character.web.characters import CHARACTER_PAGES, PHOTO, create_character, generation
from quart_app.api.jobs import accepted
from quart_app.api.shapes import PageQuery
from quart_app.door.bodies import idempotency_key, json_object, posted_form
from quart_app.door.limits import MULTIPART
from quart_app.door.replies import json_reply

api = Blueprint("api_characters", __name__, url_prefix="/api/characters")


@api.post("")
@tag(["characters"])
@document_request(shapes.CharacterRequest)
async def create() -> Response:
    """Keep a character, from JSON or from a form with a photo, and start its portrait."""
    values: JsonDict
    if request.mimetype == MULTIPART:
        values, photo = (await posted_form()).to_dict(), (await request.files).get(PHOTO)
        values.pop(PHOTO, None)
    else:
        values, photo = await json_object(), None
    character_id, record = await create_character(values, photo, key=idempotency_key())
    return await accepted(
        record, message="The portrait is being made.", character={"id": character_id}
    )


@api.get("")
@tag(["characters"])
@document_querystring(PageQuery)
async def newest() -> Response:
    """Characters, newest first, a page at a time."""
    return await CHARACTER_PAGES.answer()


@api.get("/<character_id>")
@tag(["characters"])
async def show(character_id: str) -> Response:
    """One character."""
    return json_reply(await CHARACTER_PAGES.one(character_id))


@api.get("/<character_id>/generation-status")
@tag(["characters"])
async def generation_status(character_id: str) -> Response:
    """How far a character's portrait is."""
    return json_reply(await generation(character_id))
