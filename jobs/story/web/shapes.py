"""Bodies of the API of stories: what `/openapi.json` and `/docs` say of them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from jobs.character.web.shapes import CreatedId, GenerationStatus
from jobs.story.parameters import THEME_CHARACTERS
from quart_app.api.response_models import Job


class StoryRequest(BaseModel, extra="forbid"):
    """A story to be written about a stored character."""

    character_id: str = Field(min_length=1, max_length=100)
    theme: str = Field("adventure", max_length=THEME_CHARACTERS)
    length: str = "medium"


class StoryAccepted(BaseModel):
    """A story is being written."""

    message: str
    story: CreatedId
    job: Job


class Chapter(BaseModel):
    """A chapter of a story, as far as it is written."""

    number: int
    title: str
    text: str


class StoryLinks(BaseModel):
    """Where the rest of a story is."""

    self: str
    page: str
    character: str
    job: str
    events: str


class Story(BaseModel):
    """A story with the state of its writing."""

    id: str
    character_id: str
    character_name: str
    theme: str
    length: str
    title: str
    created_at: str
    job_id: str
    generation_status: GenerationStatus
    chapters: list[Chapter] | None = Field(None, description="Not on lists.")
    links: StoryLinks


class StoryPage(BaseModel):
    """Stories, newest first, without their text; `next` is the address of older ones."""

    stories: list[Story]
    next: str | None
