"""The pages of characters: the gallery, the form, the making of one, and one to look at."""

from __future__ import annotations

from urllib.parse import urlencode

from quart import Blueprint, redirect, render_template, request
from quart.typing import ResponseReturnValue

from headway.errors import BadParameters, UnknownKind
from headway.kinds.registry import find
from headway.model.record import JsonDict
from jobs.character.web.characters import CHARACTER_PAGES, KIND, PHOTO, create_character
from quart_app.addresses import base
from quart_app.door.request_parsing import posted_form
from quart_app.guest_views import job_of
from quart_app.pages.cursor import cursor
from quart_app.pages.form_key import key_of
from quart_app.pages.jobs import SEE_OTHER
from quart_app.pages.kind_form import Field, fields_of, params_from
from quart_app.pages.wording import words
from quart_app.services import services

GALLERY_ROWS = 24  # divides by 2, 3, 4 and 6 columns
NOT_ASKED = {PHOTO, "character_id", "user_id"}  # a control of its own, or none at all
PHOTO_LOST = "Choose the photo once more: it is not kept with the other values."
STORY = "story_generation"  # by name: a story imports its character
STORY_ASKS = {"theme", "length"}
GENERATION_WORDS = {  # of a portrait, or a story
    "pending": "waiting",
    "generating": "being made",
    "completed": "",
    "failed": "not made",
}

pages = Blueprint(
    "characters",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/characters",
)


@pages.get("/characters")
async def gallery() -> str:
    """Every character, newest first."""
    shown = await CHARACTER_PAGES.page(GALLERY_ROWS)
    return await render_template("characters/list.html", nav="/characters", **shown)


@pages.get("/characters/new")
async def new() -> str:
    """The form for a new character."""
    return await _form({}, {})


@pages.post("/characters/new")
async def create() -> ResponseReturnValue:
    """Create a character; what cannot be used shows the form again, each error at its field."""
    values = (await posted_form()).to_dict()
    photo = (await request.files).get(PHOTO)
    try:
        params = params_from(_asked(), values)
        key = key_of(values, photo.filename or "" if photo else "")
        character_id, _ = await create_character(params, photo, key=key)
    except BadParameters as error:
        # No browser fills a file in again; it would be missed in silence.
        lost = {PHOTO: PHOTO_LOST} if photo and photo.filename else {}
        return await _form(values, lost | error.fields), 422
    return redirect(f"{base()}/characters/generating?character_id={character_id}", SEE_OTHER)


async def _form(values: dict[str, str], errors: dict[str, str]) -> str:
    return await render_template(
        "characters/new.html",
        nav="/characters",
        form=_asked(),
        values=values,
        errors=errors,
        photo_limit=services().settings.upload_limit_bytes,
    )


def _asked() -> list[Field]:
    return [field for field in fields_of(find(KIND).schema) if field.name not in NOT_ASKED]


@pages.get("/characters/generating")
async def generating() -> ResponseReturnValue:
    """A character being made; goes on to its page when that is over."""
    since = cursor()
    character = await CHARACTER_PAGES.one(request.args.get("character_id", ""))
    job = await job_of(character)
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
    character = await CHARACTER_PAGES.one(character_id)
    job = await job_of(character)
    return await render_template(
        "characters/character.html",
        nav="/characters",
        cursor=since,
        character=character,
        job=job.to_event() if job else None,
        form=story_form(),
        values=values,
        errors=errors,
    )


def story_form() -> list[Field]:
    """What a person is asked for when a story is started; nothing where stories are not known."""
    try:
        return [field for field in fields_of(find(STORY).schema) if field.name in STORY_ASKS]
    except UnknownKind:
        return []


@pages.app_template_filter()
def character_line(character: JsonDict) -> str:
    """Who a character is in one line."""
    years = character["age"]
    age = "" if years is None else f"{years} year{'' if years == 1 else 's'}"
    state = GENERATION_WORDS[character["generation_status"]]
    style = words(character["art_style"])
    return " · ".join(filter(None, [age, character["gender"], style, state]))


@pages.app_template_filter()
def character_href(character: JsonDict) -> str:
    """A character's page, or the page that shows it being made."""
    if character["generation_status"] in {"pending", "generating"}:
        asked = urlencode({"character_id": character["id"]})
        return f"{base()}/characters/generating?{asked}"
    return f"{base()}/characters/{character['id']}"
