"""What a story is asked for with: the model that the API, the form and the job share.

Imports nothing of the grammar, so that a web process can read the schema cheaply.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from jobs.character.parameters import (
    REFERENCE_CHARACTERS,
    OneLine,
    Reference,
    none_for_empty,
    visible,
)

THEME = "adventure"
THEME_CHARACTERS = 200  # a sentence or two; it is repeated inside the story
SEED_LIMIT = 2**53 - 1  # the largest whole number that a browser holds without rounding


class Length(StrEnum):
    """How long a story is; the number of chapters belongs to the storyteller."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


def usual_for_empty(told: Any) -> Any:
    """The usual theme for the empty string that a form sends for a field left out."""
    return THEME if isinstance(told, str) and not told.strip() else told


class StoryParams(BaseModel):
    """A story of a stored character."""

    character_id: OneLine = Field(
        min_length=1,
        max_length=REFERENCE_CHARACTERS,
        title="Character",
        description="The character the story is about.",
        examples=["01931c5e-7a51-7c3e-8d2b-5d3c1f0a9b77"],
    )
    theme: Annotated[OneLine, BeforeValidator(usual_for_empty), AfterValidator(visible)] = Field(
        default=THEME,
        max_length=THEME_CHARACTERS,
        title="Theme",
        description="A theme such as friendship, mystery, loss, courage or homecoming; "
        "any other words are woven into the story as they are.",
        examples=["adventure", "friendship", "a lighthouse that is afraid of the dark"],
    )
    length: Length = Field(
        default=Length.MEDIUM,
        title="How long",
        description="Short has three chapters, medium five and long eight.",
        examples=[Length.MEDIUM],
    )
    story_id: Reference = Field(
        default=None,
        title="Story",
        description="The stored story that receives the text while it is written.",
        examples=["01931c5e-9c02-7d10-b1f4-2e6a5b7c8d90"],
    )
    seed: Annotated[int | None, BeforeValidator(none_for_empty)] = Field(
        default=None,
        ge=0,
        le=SEED_LIMIT,
        title="Seed",
        description="The same seed tells the same story again; without one every story differs.",
        examples=[7],
    )
