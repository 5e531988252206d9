"""The door to python_avatars: its parts by name, and a drawing of them as SVG."""

from __future__ import annotations

from typing import Any

from python_avatars.accessory_types import AccessoryType
from python_avatars.avatar import Avatar
from python_avatars.avatar_styles import AvatarStyle
from python_avatars.clothing_graphics import ClothingGraphic
from python_avatars.clothing_types import ClothingType
from python_avatars.eye_types import EyeType
from python_avatars.eyebrow_types import EyebrowType
from python_avatars.facial_hair_types import FacialHairType
from python_avatars.hair_types import HairType
from python_avatars.hat_types import HatType
from python_avatars.mouth_types import MouthType
from python_avatars.nose_types import NoseType

__all__ = [
    "AccessoryType",
    "ClothingGraphic",
    "ClothingType",
    "EyeType",
    "EyebrowType",
    "FacialHairType",
    "HairType",
    "HatType",
    "MouthType",
    "NoseType",
    "svg_of",
]


def svg_of(**parts: Any) -> str:
    """The drawing of these parts on a transparent ground; see python_avatars.Avatar.

    Typed loosely because the library's hints are narrower than what it takes: any "#rrggbb" is
    a colour, and None leaves a part out.
    """
    return Avatar(style=AvatarStyle.TRANSPARENT, **parts).render()
