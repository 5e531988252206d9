"""The pages of characters: the gallery, the form, the making of one, and one to look at."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request
from quart.typing import ResponseReturnValue

from headway.errors import BadParameters, UnknownJob
from headway.kinds.registry import find
from quart_app.desk import desk
from quart_app.door.bodies import posted_form
from quart_app.making import CHARACTER, STORY
from quart_app.pages.cursor import cursor
from quart_app.pages.form_key import key_of
from quart_app.pages.jobs import SEE_OTHER
from quart_app.pages.kind_form import Field, fields_of, params_from
from quart_app.paging import page_of

GALLERY_ROWS = 24  # divides by 2, 3, 4 and 6 columns
NOT_ASKED = {"reference_photo", "character_id", "user_id"}  # a control of its own, or none at all
PHOTO_LOST = "Choose the photo once more: it is not kept with the other values."
STORY_ASKS = {"theme", "length"}

pages = Blueprint("characters", __name__)


@pages.get("/characters")
async def gallery() -> str:
    """Every character, newest first."""
    before = request.args.get("before") or None
    found = await desk().characters(before=before, most=GALLERY_ROWS + 1)
    shown, following = page_of(found, GALLERY_ROWS)
    return await render_template(
        "characters/list.html",
        nav="/characters",
        characters=shown,
        before=before,
        next=f"/characters?before={following}" if following else None,
    )


@pages.get("/characters/new")
async def new() -> str:
    """The form for a new character."""
    return await _form({}, {})


@pages.post("/characters/new")
async def create() -> ResponseReturnValue:
    """Create a character; what cannot be used shows the form again, each error at its field."""
    values = (await posted_form()).to_dict()
    photo = (await request.files).get("reference_photo")
    try:
        params = params_from(_character_form(), values)
        key = key_of(values, photo.filename or "" if photo else "")
        character, _ = await desk().submit_character(params, photo, key=key)
    except BadParameters as error:
        # No browser fills a file in again; it would be missed in silence.
        lost = {"reference_photo": PHOTO_LOST} if photo and photo.filename else {}
        return await _form(values, lost | error.fields), 422
    return redirect(f"/characters/generating?character_id={character['id']}", SEE_OTHER)


async def _form(values: dict[str, str], errors: dict[str, str]) -> str:
    return await render_template(
        "characters/new.html",
        nav="/characters",
        form=_character_form(),
        values=values,
        errors=errors,
        photo_limit=desk().settings.upload_limit_bytes,
    )


@pages.get("/characters/generating")
async def generating() -> ResponseReturnValue:
    """A character being made; goes on to its page when that is over."""
    since = cursor()
    character = await desk().character(request.args.get("character_id", ""))
    try:
        job = await desk().glance(character["job_id"])
    except UnknownJob:  # a character outlives its job
        job = None
    if job is None or job.final:
        return redirect(character["links"]["page"], SEE_OTHER)
    page = await render_template(
        "characters/generating.html",
        nav="/characters",
        cursor=since,
        character=character,
        job=job.to_event(),
    )
    return page, 200


@pages.get("/characters/<character_id>")
async def show(character_id: str) -> str:
    """One character, and the form that starts a story."""
    return await character_page(character_id, {}, {})


async def character_page(character_id: str, values: dict[str, str], errors: dict[str, str]) -> str:
    """One character's page with the story form filled in as given. Raises UnknownThing."""
    since = cursor()
    character = await desk().character(character_id)
    try:
        job = (await desk().glance(character["job_id"])).to_event()
    except UnknownJob:  # a character outlives its job
        job = None
    return await render_template(
        "characters/character.html",
        nav="/characters",
        cursor=since,
        character=character,
        job=job,
        form=story_form(),
        values=values,
        errors=errors,
    )


def story_form() -> list[Field]:
    """What a person is asked for when a story is started."""
    return [field for field in _fields(STORY) if field.name in STORY_ASKS]


def _character_form() -> list[Field]:
    return [field for field in _fields(CHARACTER) if field.name not in NOT_ASKED]


def _fields(kind: str) -> list[Field]:
    return fields_of(find(kind).schema)
