"""Bodies of the API of characters: what `/openapi.json` and `/docs` say of them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from quart_app.api.response_models import Job

GenerationStatus = Literal["pending", "generating", "completed", "failed"]


class CharacterRequest(BaseModel, extra="forbid"):
    """A character to be portrayed; as a form it may bring a file `reference_photo`."""

    name: str = Field(min_length=1, max_length=100)
    age: int = Field(ge=0, le=150)
    gender: str = Field("", max_length=50)
    personality_profile: str = Field("", max_length=2000)
    art_style: str = "cartoon"
    user_id: str | None = Field(None, max_length=100)


class CharacterForm(CharacterRequest):
    """The same, and a photo."""

    reference_photo: bytes | None = Field(None, description="A PNG, a JPEG or a WebP.")


class CreatedId(BaseModel):
    """The id of what is being made."""

    id: str


class CharacterAccepted(BaseModel):
    """A portrait is being made."""

    message: str
    character: CreatedId
    job: Job


class CharacterLinks(BaseModel):
    """Where the rest of a character is."""

    self: str
    page: str
    generation_status: str
    job: str
    events: str


class Character(BaseModel):
    """A character with the state of its portrait."""

    id: str
    name: str
    age: int
    gender: str
    personality_profile: str
    art_style: str
    user_id: str | None
    created_at: str
    job_id: str
    generation_status: GenerationStatus
    description: str | None
    portrait: str | None = Field(description="The address of the picture.")
    thumbnail: str | None
    links: CharacterLinks


class CharacterPage(BaseModel):
    """Characters, newest first; `next` is the address of older ones."""

    characters: list[Character]
    next: str | None


class Generation(BaseModel):
    """How far a portrait is."""

    character_id: str
    generation_status: GenerationStatus
    progress_percentage: float
    progress_message: str
    created_at: str
    generation_started: str | None
