"""Skins, eyes, and what a face does."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.character.avatars import EyebrowType, EyeType, MouthType

# Skins from light to dark; from this one on hair and eyes are dark by nature.
SKINS = (
    "#f8d5bd",
    "#f0c3a0",
    "#e5b088",
    "#d69a6c",
    "#bd7f52",
    "#9c6240",
    "#7b4a30",
    "#5c3826",
)
DARK_SKIN = 4

EYE_COLOURS = ("#6b4226", "#52321d", "#5b7f4a", "#4a7fa7", "#6f8794", "#8a6a3a")
DARK_EYE_COLOURS = ("#5a3820", "#47291a", "#6d4a28")


@dataclass(frozen=True, slots=True)
class Expression:
    """What a face does."""

    eyes: EyeType
    eyebrows: EyebrowType
    mouth: MouthType
    words: str


EXPRESSIONS = {
    "joyful": Expression(
        EyeType.DEFAULT, EyebrowType.RAISED_EXCITED_NATURAL, MouthType.SMILE, "a bright smile"
    ),
    "laughing": Expression(
        EyeType.HAPPY, EyebrowType.RAISED_EXCITED_NATURAL, MouthType.BIG_SMILE, "a hearty laugh"
    ),
    "gentle": Expression(
        EyeType.DEFAULT, EyebrowType.DEFAULT_NATURAL, MouthType.TWINKLE, "a gentle smile"
    ),
    "tender": Expression(
        EyeType.HAPPY, EyebrowType.DEFAULT_NATURAL, MouthType.TWINKLE, "a tender smile"
    ),
    "playful": Expression(
        EyeType.WINK, EyebrowType.UP_DOWN_NATURAL, MouthType.SMILE, "a wink and a grin"
    ),
    "silly": Expression(
        EyeType.WINK, EyebrowType.RAISED_EXCITED_NATURAL, MouthType.TONGUE, "a tongue put out"
    ),
    "confident": Expression(
        EyeType.DEFAULT, EyebrowType.UP_DOWN_NATURAL, MouthType.TWINKLE, "a confident half-smile"
    ),
    "serious": Expression(
        EyeType.DEFAULT, EyebrowType.FLAT_NATURAL, MouthType.SERIOUS, "a serious look"
    ),
    "fierce": Expression(
        EyeType.DEFAULT, EyebrowType.ANGRY_NATURAL, MouthType.SERIOUS, "a fierce stare"
    ),
    "grumpy": Expression(
        EyeType.DEFAULT, EyebrowType.ANGRY_NATURAL, MouthType.SAD, "a grumpy frown"
    ),
    "sad": Expression(
        EyeType.DEFAULT, EyebrowType.SAD_CONCERNED_NATURAL, MouthType.SAD, "a sad look"
    ),
    "anxious": Expression(
        EyeType.DEFAULT, EyebrowType.SAD_CONCERNED_NATURAL, MouthType.CONCERNED, "a worried look"
    ),
    "curious": Expression(
        EyeType.DEFAULT, EyebrowType.RAISED_EXCITED_NATURAL, MouthType.TWINKLE, "a curious look"
    ),
    "surprised": Expression(
        EyeType.SURPRISED, EyebrowType.RAISED_EXCITED_NATURAL, MouthType.DISBELIEF, "wide eyes"
    ),
    "dreamy": Expression(
        EyeType.CLOSED, EyebrowType.DEFAULT_NATURAL, MouthType.TWINKLE, "eyes closed in a dream"
    ),
    "sly": Expression(
        EyeType.SIDE, EyebrowType.UP_DOWN_NATURAL, MouthType.TWINKLE, "a sly sideways glance"
    ),
    "sleepy": Expression(EyeType.CLOSED, EyebrowType.FLAT_NATURAL, MouthType.SERIOUS, "tired eyes"),
}
EVERYDAY_EXPRESSIONS = ("gentle", "joyful", "confident", "curious")
