"""The look of a person: every choice that a portrait is drawn from, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jobs.character.avatars import (
    AccessoryType,
    ClothingGraphic,
    ClothingType,
    EyebrowType,
    EyeType,
    FacialHairType,
    HairType,
    HatType,
    MouthType,
    NoseType,
)


class Scene(StrEnum):
    """What is behind the person."""

    GLOW = "a soft glow"
    RAYS = "rays of light"
    HILLS = "rolling hills"
    LIGHTS = "evening lights"
    NIGHT = "a starry night"
    SEA = "a calm sea"
    BOOKS = "shelves of books"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a background, as "#rrggbb": far, middle, near, and one that sings."""

    name: str
    light: str
    middle: str
    deep: str
    accent: str


@dataclass(frozen=True, slots=True)
class Face:
    """What the face does, and what the years did to it (0 to 1 each)."""

    skin: str
    eyes: EyeType
    eye_colour: str
    eyebrows: EyebrowType
    nose: NoseType
    mouth: MouthType
    lines: float
    blush: float
    freckles: bool


@dataclass(frozen=True, slots=True)
class Hair:
    """What is on the head and around the mouth, and the colour of it."""

    top: HairType | HatType
    colour: str
    hat_colour: str
    beard: FacialHairType


@dataclass(frozen=True, slots=True)
class Clothes:
    """What the person wears."""

    kind: ClothingType
    colour: str
    graphic: ClothingGraphic
    glasses: AccessoryType


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a portrait is drawn from; `childlike` runs from 0 (grown up) to 1."""

    face: Face
    hair: Hair
    clothes: Clothes
    scene: Scene
    palette: Palette
    childlike: float
    shoulders: float
    seed: int
    words: dict[str, str]
