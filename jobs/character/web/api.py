"""The API of characters."""

from __future__ import annotations

from quart import Blueprint, Response, request
from quart_schema import document_request, tag, validate_querystring

from headway.model.record import JsonDict
from jobs.character.web import shapes
from jobs.character.web.characters import CHARACTER_PAGES, PHOTO, create_character, generation
from quart_app.api.jobs import accepted
from quart_app.api.openapi import answers
from quart_app.api.request_models import PageQuery
from quart_app.door.request_parsing import MULTIPART, idempotency_key, posted_form
from quart_app.door.responses import json_reply

api = Blueprint("api_characters", __name__, url_prefix="/api/characters")


@api.post("")
@tag(["characters"])
@answers(
    {202: shapes.CharacterAccepted}, 400, 409, 413, 415, 503, keyed=True, form=shapes.CharacterForm
)
@document_request(shapes.CharacterRequest)
async def create() -> Response:
    """Keep a character, from JSON or from a form with a photo, and start its portrait."""
    values: JsonDict
    if request.mimetype == MULTIPART:
        values, photo = (await posted_form()).to_dict(), (await request.files).get(PHOTO)
        values.pop(PHOTO, None)
    else:
        values, photo = await request.get_json(), None
    character_id, record = await create_character(values, photo, key=idempotency_key())
    return await accepted(
        record, message="The portrait is being made.", character={"id": character_id}
    )


@api.get("")
@tag(["characters"])
@answers({200: shapes.CharacterPage}, 404, 503)
@validate_querystring(PageQuery)
async def newest(query_args: PageQuery) -> Response:
    """Characters, newest first, a page at a time."""
    return await CHARACTER_PAGES.answer(query_args)


@api.get("/<character_id>")
@tag(["characters"])
@answers({200: shapes.Character}, 404, 503)
async def show(character_id: str) -> Response:
    """One character."""
    return json_reply(await CHARACTER_PAGES.one(character_id))


@api.get("/<character_id>/generation-status")
@tag(["characters"])
@answers({200: shapes.Generation}, 404, 503)
async def generation_status(character_id: str) -> Response:
    """How far a character's portrait is."""
    return json_reply(await generation(character_id))
