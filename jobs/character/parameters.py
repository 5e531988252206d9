"""What a portrait is asked for with: the model that the API, the form and the job share.

Imports nothing that paints, so that a web process can read the schema cheaply.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

NAME_CHARACTERS = 100
GENDER_CHARACTERS = 50
PROFILE_CHARACTERS = 2000
OLDEST = 150

# Longest name of a stored file or a row, in characters.
REFERENCE_CHARACTERS = 100


class ArtStyle(StrEnum):
    """The styles a portrait can be painted in."""

    CARTOON = "cartoon"
    WATERCOLOR = "watercolor"
    OIL = "oil"
    PENCIL = "pencil"
    PIXEL_ART = "pixel_art"
    POP_ART = "pop_art"


# Unicode's categories of what no page can show on a line, and of what cannot be seen.
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
INVISIBLE = frozenset({"Cf", "Zs", "Mn"})
LINE_BREAKS = {ord(character): " " for character in "\t\n\r"}

# What people call the styles, in small letters without spaces, hyphens and underscores.
ALIASES = {
    "comic": ArtStyle.CARTOON,
    "comicbook": ArtStyle.CARTOON,
    "flat": ArtStyle.CARTOON,
    "anime": ArtStyle.CARTOON,
    "watercolour": ArtStyle.WATERCOLOR,
    "aquarelle": ArtStyle.WATERCOLOR,
    "oilpaint": ArtStyle.OIL,
    "painting": ArtStyle.OIL,
    "kuwahara": ArtStyle.OIL,
    "sketch": ArtStyle.PENCIL,
    "drawing": ArtStyle.PENCIL,
    "graphite": ArtStyle.PENCIL,
    "pixel": ArtStyle.PIXEL_ART,
    "pixelart": ArtStyle.PIXEL_ART,
    "8bit": ArtStyle.PIXEL_ART,
    "pop": ArtStyle.POP_ART,
    "popart": ArtStyle.POP_ART,
    "halftone": ArtStyle.POP_ART,
    "warhol": ArtStyle.POP_ART,
}
# Words that add nothing to a style's name.
_FILLERS = re.compile(r"(style|painting|sketch|drawing|portrait)$")


def to_art_style(told: Any) -> Any:
    """The style that is meant: "Oil painting", "pixel-art", "watercolour". Raises ValueError."""
    if not isinstance(told, str) or isinstance(told, ArtStyle):
        return told
    word = re.sub(r"[\s_-]+", "", told.casefold())
    if not word:
        return ArtStyle.CARTOON
    for name in (word, _FILLERS.sub("", word)):
        for style in ArtStyle:
            if name == style.replace("_", ""):
                return style
        if name in ALIASES:
            return ALIASES[name]
    raise ValueError(f"There is no such style; choose one of {', '.join(ArtStyle)}.")


def one_line(text: str) -> str:
    """The text, if it can be shown on one line. Raises ValueError for control characters."""
    if any(unicodedata.category(character) in UNPRINTABLE for character in text):
        raise ValueError("This must not contain line breaks or other control characters.")
    return text


def some_lines(text: str) -> str:
    """The text, if it can be shown on several lines. Raises ValueError for control characters."""
    one_line(text.translate(LINE_BREAKS))
    return text


def visible(text: str) -> str:
    """The text, if there is anything to see in it. Raises ValueError otherwise."""
    if all(unicodedata.category(character) in INVISIBLE for character in text):
        raise ValueError("This must not be empty.")
    return text


def none_for_empty(told: Any) -> Any:
    """None for the empty string that a form sends for a field left out."""
    return None if told == "" else told


OneLine = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(one_line)]
Reference = Annotated[
    Annotated[str, StringConstraints(max_length=REFERENCE_CHARACTERS)] | None,
    BeforeValidator(none_for_empty),
]


class CharacterParams(BaseModel):
    """A portrait of a person who is described, or photographed."""

    name: Annotated[OneLine, AfterValidator(visible)] = Field(
        max_length=NAME_CHARACTERS,
        json_schema_extra={"minLength": 1},
        title="Name",
        description="Who the portrait is of; the same name keeps the same face.",
        examples=["Ada", "Bruno Sailor", "שירה"],
    )
    age: int = Field(
        ge=0,
        le=OLDEST,
        title="Age",
        description="Years; they show in hair and face.",
        examples=[34],
    )
    gender: OneLine = Field(
        default="",
        max_length=GENDER_CHARACTERS,
        title="Gender",
        description="In any words, or empty.",
        examples=["female", "male", "non-binary"],
    )
    personality_profile: Annotated[str, AfterValidator(some_lines)] = Field(
        default="",
        max_length=PROFILE_CHARACTERS,
        title="Personality",
        description="What the person is like, in your own words: it shows in expression, clothes "
        "and background. Red hair, a beard or glasses may be named too.",
        examples=["A cheerful, curious inventor with red hair and round glasses."],
    )
    art_style: Annotated[ArtStyle, BeforeValidator(to_art_style)] = Field(
        default=ArtStyle.CARTOON,
        title="Art style",
        description="How the portrait is painted.",
        examples=[ArtStyle.OIL],
    )
    reference_photo: Reference = Field(
        default=None,
        title="Reference photo",
        description="A stored upload (PNG, JPEG or WebP); the photo itself is painted then.",
        examples=["01931c5e-9c02-7d10-b1f4-2e6a5b7c8d90"],
    )
    character_id: Reference = Field(
        default=None,
        title="Character",
        description="The stored character that the portrait is for.",
        examples=["01931c5e-7a51-7c3e-8d2b-5d3c1f0a9b77"],
    )
    user_id: Reference = Field(
        default=None,
        title="User",
        description="Whoever asked for the portrait, as the calling application knows them.",
        examples=["user-17"],
    )
