"""The pages of stories: the shelf, and one story as it is written."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request
from quart.typing import ResponseReturnValue

from headway.errors import BadParameters, UnknownJob
from quart_app.desk import desk
from quart_app.door.bodies import posted_form
from quart_app.pages.characters import character_page, story_form
from quart_app.pages.cursor import cursor
from quart_app.pages.form_key import key_of
from quart_app.pages.jobs import SEE_OTHER
from quart_app.pages.kind_form import params_from
from quart_app.paging import page_of

SHELF_ROWS = 50
CHOICE_ROWS = 100  # characters to choose from for a story; any other has its own page for that

pages = Blueprint("stories", __name__)


@pages.get("/stories")
async def shelf() -> str:
    """Every story, newest first."""
    before = request.args.get("before") or None
    found = await desk().stories(before=before, most=SHELF_ROWS + 1)
    shown, following = page_of(found, SHELF_ROWS)
    return await render_template(
        "stories/list.html",
        nav="/stories",
        stories=shown,
        before=before,
        next=f"/stories?before={following}" if following else None,
    )


@pages.get("/stories/new")
async def new() -> str:
    """The form for a new story of any character."""
    return await render_template(
        "stories/new.html",
        nav="/stories",
        characters=await desk().characters(before=None, most=CHOICE_ROWS),
        form=story_form(),
    )


@pages.post("/stories")
async def start() -> ResponseReturnValue:
    """Start a story; what cannot be used shows the character's page again with the errors."""
    values = (await posted_form()).to_dict()
    character_id = values.get("character_id", "")
    try:
        params = params_from(story_form(), values)
        story, _ = await desk().submit_story(
            params | {"character_id": character_id}, key=key_of(values)
        )
    except BadParameters as error:
        return await character_page(character_id, values, error.fields), 422
    return redirect(f"/stories/{story['id']}", SEE_OTHER)


@pages.get("/stories/<story_id>")
async def show(story_id: str) -> str:
    """One story, growing while its job runs."""
    since = cursor()
    story = await desk().story(story_id)
    try:
        job = (await desk().glance(story["job_id"])).to_event()
    except UnknownJob:  # a story outlives its job
        job = None
    return await render_template(
        "stories/story.html", nav="/stories", cursor=since, story=story, job=job
    )
