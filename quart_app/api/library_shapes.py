"""Bodies of the API of characters and stories: what `/openapi.json` and `/docs` say of them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from quart_app.api.shapes import Job

GenerationStatus = Literal["pending", "generating", "completed", "failed"]


class CharacterRequest(BaseModel):
    """A character to be portrayed; as a form it may bring a file `reference_photo`."""

    name: str = Field(min_length=1, max_length=100)
    age: int = Field(ge=0, le=150)
    gender: str = ""
    personality_profile: str = ""
    art_style: str = "cartoon"
    user_id: str | None = None


class CreatedId(BaseModel):
    """The id of what is being made."""

    id: str


class CharacterAccepted(BaseModel):
    """A portrait is being made."""

    message: str
    character: CreatedId
    job: Job


class Generation(BaseModel):
    """How far a portrait is."""

    character_id: str
    generation_status: GenerationStatus
    progress_percentage: float
    progress_message: str
    created_at: str
    generation_started: str | None


class StoryRequest(BaseModel):
    """A story to be written about a stored character."""

    character_id: str
    theme: str = "adventure"
    length: str = "medium"


class StoryAccepted(BaseModel):
    """A story is being written."""

    message: str
    story: CreatedId
    job: Job
