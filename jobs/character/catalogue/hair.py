"""Hair, hats and beards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from jobs.character.avatars import FacialHairType, HairType, HatType

HairColour: TypeAlias = tuple[str, str]

HAIR_COLOURS: tuple[HairColour, ...] = (
    ("#2a1d1a", "black"),
    ("#4a2f25", "dark brown"),
    ("#6f4430", "brown"),
    ("#8f4a26", "auburn"),
    ("#c9692c", "red"),
    ("#c99a55", "blond"),
    ("#e0c48a", "light blond"),
)
DARK_HAIR_COLOURS: tuple[HairColour, ...] = (
    ("#231815", "black"),
    ("#32211b", "black"),
    ("#452c22", "dark brown"),
)
GREY, WHITE = "#b9b5b1", "#efebe5"


@dataclass(frozen=True, slots=True)
class Top:
    """What is on a head; "{colour}" in the words is the hair's."""

    kind: HairType | HatType
    words: str


BALD = Top(HairType.NONE, "a bald head")
SIDES = Top(HairType.SIDES, "{colour} hair left on the sides")
FLAT = Top(HairType.SHORT_FLAT, "short {colour} hair")
ROUND = Top(HairType.SHORT_ROUND, "short round {colour} hair")
WAVED = Top(HairType.SHORT_WAVED, "short wavy {colour} hair")
SHORT_CURLS = Top(HairType.SHORT_CURLY, "short curly {colour} hair")
CROPPED = Top(HairType.CAESAR, "cropped {colour} hair")
PARTED = Top(HairType.CAESAR_SIDE_PART, "cropped {colour} hair with a parting")
SHAGGY = Top(HairType.SHAGGY, "shaggy {colour} hair")
TUFT = Top(HairType.FRIZZLE, "a tuft of {colour} hair")
FUZZ = Top(HairType.BUZZCUT, "very short {colour} hair")
QUIFF = Top(HairType.QUIFF, "a {colour} quiff")
POMPADOUR = Top(HairType.POMPADOUR, "a {colour} pompadour")
TOUSLED = Top(HairType.MOWGLI, "tousled {colour} hair")
PIXIE = Top(HairType.PIXIE, "a {colour} pixie cut")
SHORT_LOCKS = Top(HairType.SHORT_DREADS_1, "short {colour} locks")
LONG_LOCKS = Top(HairType.DREADS, "long {colour} locks")
BOB = Top(HairType.BOB, "a {colour} bob")
FRINGED_BOB = Top(HairType.MIA_WALLACE, "a {colour} bob with a fringe")
BUN = Top(HairType.BUN, "a {colour} bun")
CURLS = Top(HairType.CURLY, "{colour} curls")
WAVES = Top(HairType.CURVY, "long wavy {colour} hair")
LONG_CURLS = Top(HairType.LOOSE_HAIR, "long loose {colour} hair")
HALF_LONG = Top(HairType.LONG_NOT_TOO_LONG, "half-long {colour} hair")
STRAIGHT = Top(HairType.STRAIGHT_1, "long straight {colour} hair")
STRAIGHT_FRINGE = Top(HairType.STRAIGHT_STRAND, "straight {colour} hair with a fringe")
AFRO = Top(HairType.FRO, "a {colour} afro")
AFRO_BAND = Top(HairType.FRO_BAND, "a {colour} afro with a band")
BRAIDS = Top(HairType.BRAIDS, "{colour} braids tied up")
PIGTAILS = Top(HairType.DREADLOCKS, "{colour} pigtails")
MOHAWK = Top(HairType.MOHAWK, "a {colour} mohawk")
WILD = Top(HairType.WILD, "wild {colour} hair")
GENIUS = Top(HairType.EINSTEIN_HAIR, "{colour} hair in all directions")
FLOWERS = Top(HairType.FRIDA, "flowers in {colour} hair")
HIJAB = Top(HatType.HIJAB, "a headscarf")
TURBAN = Top(HatType.TURBAN, "a turban")
HAT = Top(HatType.HAT, "a broad-brimmed hat")
CHEF_CAP = Top(HatType.CHEF_CAP, "a chef's hat")
WOOL_HAT = Top(HatType.WINTER_HAT_3, "a woollen hat")

# By age ("baby", "child", "adult", "old") and by gender as given: m, f or n (neither, or none).
BABY_TOPS = (FUZZ, TUFT, BALD)
TOPS = {
    ("child", "m"): (ROUND, SHAGGY, SHORT_CURLS, TOUSLED, FLAT, SHORT_LOCKS, PIXIE),
    ("child", "f"): (STRAIGHT_FRINGE, BOB, FRINGED_BOB, HALF_LONG, CURLS, PIXIE, BUN, AFRO_BAND),
    ("child", "n"): (PIXIE, SHAGGY, TOUSLED, BOB, SHORT_CURLS, HALF_LONG, CURLS),
    ("adult", "m"): (
        FLAT,
        ROUND,
        WAVED,
        SHORT_CURLS,
        CROPPED,
        PARTED,
        SHAGGY,
        QUIFF,
        POMPADOUR,
        SHORT_LOCKS,
    ),
    ("adult", "f"): (
        BOB,
        FRINGED_BOB,
        BUN,
        CURLS,
        WAVES,
        LONG_CURLS,
        HALF_LONG,
        STRAIGHT,
        STRAIGHT_FRINGE,
        AFRO,
        PIXIE,
    ),
    ("adult", "n"): (PIXIE, BOB, SHAGGY, WAVED, HALF_LONG, CURLS, QUIFF, SHORT_CURLS),
    ("old", "m"): (SIDES, BALD, FLAT, CROPPED, ROUND, WAVED),
    ("old", "f"): (BUN, BOB, CURLS, HALF_LONG, PIXIE, WAVED, SHORT_CURLS),
    ("old", "n"): (PIXIE, BUN, WAVED, CROPPED, SHORT_CURLS),
}

BEARDS = {
    FacialHairType.BEARD_LIGHT: "a short beard",
    FacialHairType.BEARD_MEDIUM: "a full beard",
    FacialHairType.BEARD_MAGESTIC: "a long beard",
    FacialHairType.MOUSTACHE_FANCY: "a curled moustache",
    FacialHairType.MOUSTACHE_MAGNUM: "a moustache",
}
