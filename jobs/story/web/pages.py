"""The pages of stories: the shelf, and one story as it is written."""

from __future__ import annotations

import re

from quart import Blueprint, redirect, render_template
from quart.typing import ResponseReturnValue

from headway.errors import BadParameters
from jobs.character.web.characters import CHARACTER_PAGES
from jobs.character.web.pages import GENERATION_WORDS, character_page, story_form
from jobs.story.web.stories import STORY_PAGES, create_story
from quart_app.addresses import base
from quart_app.door.request_parsing import posted_form
from quart_app.guest_views import job_of
from quart_app.pages.cursor import cursor
from quart_app.pages.form_key import key_of
from quart_app.pages.jobs import SEE_OTHER
from quart_app.pages.kind_form import params_from

SHELF_ROWS = 50
CHOICE_ROWS = 100  # characters to choose from for a story; any other has its own page for that

pages = Blueprint(
    "stories",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/stories",
)


@pages.get("/stories")
async def shelf() -> str:
    """Every story, newest first."""
    shown = await STORY_PAGES.page(SHELF_ROWS)
    return await render_template("stories/list.html", nav="/stories", **shown)


@pages.get("/stories/new")
async def new() -> str:
    """The form for a new story of any character."""
    return await render_template(
        "stories/new.html",
        nav="/stories",
        characters=await CHARACTER_PAGES.newest(most=CHOICE_ROWS),
        form=story_form(),
    )


@pages.post("/stories")
async def start() -> ResponseReturnValue:
    """Start a story; what cannot be used shows the character's page again with the errors."""
    values = (await posted_form()).to_dict()
    character_id = values.get("character_id", "")
    try:
        params = params_from(story_form(), values) | {"character_id": character_id}
        story_id, _ = await create_story(params, key=key_of(values))
    except BadParameters as error:
        return await character_page(character_id, values, error.fields), 422
    return redirect(f"{base()}/stories/{story_id}", SEE_OTHER)


@pages.get("/stories/<story_id>")
async def show(story_id: str) -> str:
    """One story, growing while its job runs."""
    since = cursor()
    story = await STORY_PAGES.one(story_id)
    job = await job_of(story)
    return await render_template(
        "stories/story.html",
        nav="/stories",
        cursor=since,
        story=story,
        job=job.to_event() if job else None,
    )


@pages.app_template_filter()
def generation(status: str) -> str:
    """How far a story is, for a list of them; nothing for one that is there."""
    return GENERATION_WORDS[status]


@pages.app_template_filter()
def paragraphs(text: str) -> list[str]:
    """A text cut where it has blank lines."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
