"""The sayings: what people say outright of an appearance, and what it means."""

from __future__ import annotations

from jobs.character.avatars import AccessoryType, FacialHairType
from jobs.character.catalogue import hair

SAID_TOPS = {
    "bald": hair.BALD,
    "balding": hair.SIDES,
    "mohawk": hair.MOHAWK,
    "afro": hair.AFRO,
    "braid*": hair.BRAIDS,
    "pigtail*": hair.PIGTAILS,
    "dreadlock*": hair.LONG_LOCKS,
    "bob": hair.BOB,
    "bun": hair.BUN,
    "curl*": hair.CURLS,
    "wavy": hair.WAVES,
    "quiff": hair.QUIFF,
    "pixie": hair.PIXIE,
    "tousled": hair.TOUSLED,
    "shaggy": hair.SHAGGY,
    "wild": hair.WILD,
    "flower*": hair.FLOWERS,
    "hijab": hair.HIJAB,
    "headscarf": hair.HIJAB,
    "turban": hair.TURBAN,
    "hat": hair.HAT,
    "beanie": hair.WOOL_HAT,
}
SAID_BEARDS = {
    "beard*": FacialHairType.BEARD_MEDIUM,
    "stubble": FacialHairType.BEARD_LIGHT,
    "goatee": FacialHairType.BEARD_LIGHT,
    "moustache*": FacialHairType.MOUSTACHE_FANCY,
    "mustache*": FacialHairType.MOUSTACHE_FANCY,
}
SAID_GLASSES = {
    "glasses": AccessoryType.ROUND,
    "spectacles": AccessoryType.ROUND,
    "bespectacled": AccessoryType.ROUND,
    "sunglasses": AccessoryType.SUNGLASSES,
    "eyepatch": AccessoryType.EYEPATCH,
}
# Before "hair" or "haired"; and these by themselves.
SAID_HAIR_COLOURS = {
    "black": ("#2a1d1a", "black"),
    "dark": ("#32231d", "dark"),
    "brown": ("#6f4430", "brown"),
    "chestnut": ("#7d4a2c", "chestnut"),
    "auburn": ("#8f4a26", "auburn"),
    "red": ("#c9592c", "red"),
    "ginger": ("#cf7431", "ginger"),
    "blond": ("#d2a860", "blond"),
    "blonde": ("#d2a860", "blond"),
    "golden": ("#d9b25f", "golden"),
    "fair": ("#dcc08a", "fair"),
    "grey": (hair.GREY, "grey"),
    "gray": (hair.GREY, "grey"),
    "silver": ("#d3d0cc", "silver"),
    "white": (hair.WHITE, "white"),
    "pink": ("#e58aa6", "pink"),
    "purple": ("#7d4fa0", "purple"),
    "blue": ("#3f79b5", "blue"),
    "green": ("#4d9a63", "green"),
}
# Before "eyes" or "eyed".
SAID_EYE_COLOURS = {
    "brown": "#6b4226",
    "dark": "#47291a",
    "hazel": "#8a6a3a",
    "green": "#4f8a4a",
    "blue": "#3f82b5",
    "grey": "#7d8c96",
    "gray": "#7d8c96",
}
BY_THEMSELVES = ("blond", "blonde", "ginger", "auburn")
REDHEADS = "redhead* red-head*"
