"""Clothes, their colours, and glasses."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.character.avatars import AccessoryType, ClothingGraphic, ClothingType

GLASSES = {
    AccessoryType.ROUND: "round glasses",
    AccessoryType.PRESCRIPTION_2: "dark-rimmed glasses",
    AccessoryType.PRESCRIPTION_1: "light-rimmed glasses",
    AccessoryType.SUNGLASSES: "sunglasses",
    AccessoryType.EYEPATCH: "an eyepatch",
}
READING_GLASSES = (AccessoryType.ROUND, AccessoryType.PRESCRIPTION_2, AccessoryType.PRESCRIPTION_1)


@dataclass(frozen=True, slots=True)
class Outfit:
    """Something to wear; "{colour}" in the words is its colour."""

    kind: ClothingType
    words: str
    graphic: ClothingGraphic = ClothingGraphic.NONE


HOODIE = Outfit(ClothingType.HOODIE, "a {colour} hoodie")
CREW_NECK = Outfit(ClothingType.SHIRT_CREW_NECK, "a {colour} shirt")
SCOOP_NECK = Outfit(ClothingType.SHIRT_SCOOP_NECK, "a {colour} scoop-neck top")
V_NECK = Outfit(ClothingType.SHIRT_V_NECK, "a {colour} V-neck")
COLLAR = Outfit(ClothingType.COLLAR_SWEATER, "a {colour} jumper over a white collar")
BLAZER = Outfit(ClothingType.BLAZER_SHIRT, "a dark blazer over a {colour} shirt")
BLAZER_JUMPER = Outfit(ClothingType.BLAZER_SWEATER, "a dark blazer over a {colour} jumper")
OVERALL = Outfit(ClothingType.OVERALL, "{colour} dungarees")
SUIT = Outfit(ClothingType.SHIRT_WICK, "a black suit and a {colour} tie")
EVENING = Outfit(ClothingType.BOND_SUIT, "a dinner jacket, a bow tie and a {colour} shirt")
SKULL = Outfit(
    ClothingType.GRAPHIC_SHIRT, "a {colour} shirt with a skull on it", ClothingGraphic.SKULL
)
BEAR = Outfit(
    ClothingType.GRAPHIC_SHIRT, "a {colour} shirt with a bear on it", ClothingGraphic.BEAR
)
DEER = Outfit(
    ClothingType.GRAPHIC_SHIRT, "a {colour} shirt with a deer on it", ClothingGraphic.DEER
)
PIZZA = Outfit(
    ClothingType.GRAPHIC_SHIRT, "a {colour} shirt with a pizza on it", ClothingGraphic.PIZZA
)
SPACE_SUIT = Outfit(ClothingType.ASTRONAUT_SUIT, "a space suit")
CHEF_JACKET = Outfit(ClothingType.CHEF, "a {colour} chef's jacket")
ARMOUR = Outfit(ClothingType.GLADIATOR, "{colour} armour")
ROBE = Outfit(ClothingType.JEDI_ROBE, "a dark robe over {colour} cloth")

WARDROBES = {
    "casual": (HOODIE, CREW_NECK, V_NECK, COLLAR),
    "soft": (COLLAR, SCOOP_NECK, V_NECK, CREW_NECK),
    "smart": (BLAZER, BLAZER_JUMPER, COLLAR),
    "formal": (SUIT, BLAZER, BLAZER_JUMPER),
    "evening": (EVENING, SUIT),
    "scholar": (COLLAR, BLAZER_JUMPER),
    "sporty": (HOODIE, CREW_NECK),
    "rebel": (SKULL, SKULL, HOODIE),
    "outdoors": (OVERALL, DEER, HOODIE),
    "fun": (BEAR, PIZZA, HOODIE, OVERALL),
    "child": (OVERALL, HOODIE, BEAR, DEER, PIZZA, CREW_NECK),
    "space": (SPACE_SUIT,),
    "kitchen": (CHEF_JACKET,),
    "armour": (ARMOUR,),
    "robe": (ROBE,),
}
# What grown-ups alone wear; a child wears a jumper instead.
GROWN_UP_WARDROBES = frozenset({"smart", "formal", "evening", "rebel"})

TONES: dict[str, tuple[tuple[str, str], ...]] = {
    "warm": (("#b5483a", "brick-red"), ("#d07a2e", "orange"), ("#c49a26", "mustard")),
    "calm": (("#2f6f8f", "blue"), ("#4f8a8b", "teal"), ("#3f5d8c", "navy-blue")),
    "soft": (
        ("#dba3a8", "rose"),
        ("#9dbf9f", "sage-green"),
        ("#b9a2d1", "lilac"),
        ("#e3c383", "cream"),
    ),
    "dark": (("#2b3238", "black"), ("#43324a", "plum"), ("#5a2431", "wine-red")),
    "bright": (
        ("#d9512c", "bright red"),
        ("#2e86ab", "bright blue"),
        ("#e5b53d", "yellow"),
        ("#3a9e68", "green"),
        ("#8455a0", "violet"),
    ),
    "earth": (("#6d7b46", "olive-green"), ("#8a6242", "brown"), ("#4b6b58", "forest-green")),
}
