"""The framing: which square of python_avatars' drawing is seen, so that no hair is cut off."""

from __future__ import annotations

from jobs.character.avatars import HairType, HatType

# python_avatars draws on 264 × 280 units; the figure's middle is at x 132 and it is cut at y 280.
MIDDLE, FOOT = 132.0, 279.0

# The square of the drawing that is shown reaches this far above the hair, in its units, and no
# lower than under the ceiling; a child is smaller in it.
HEADROOM, CEILING, CHILD_ROOM = 13.0, 8.0, 20.0

# Where hair and hats that rise above the ceiling end: the y of their topmost pixel.
TOPS = {
    HairType.BUN: 0,
    HairType.CURLY: 10,
    HairType.EINSTEIN_HAIR: -12,
    HairType.ELVIS: -4,
    HairType.EVIL_SPIKE: -18,
    HairType.FRIDA: 0,
    HairType.FRIZZLE: 9,
    HairType.FRO: 0,
    HairType.FRO_BAND: 0,
    HairType.LONG_HAIR_CURLY: 10,
    HairType.LOOSE_HAIR: 9,
    HairType.MOHAWK: 14,
    HairType.MOWGLI: 7,
    HairType.POMPADOUR: 1,
    HairType.QUIFF: 1,
    HairType.BRAIDS: -7,
    HairType.SHAVED_SIDES: 8,
    HairType.SHORT_CURLY: 9,
    HairType.SHORT_DREADS_2: 0,
    HairType.SHORT_WAVED: 10,
    HairType.WILD: 10,
    HatType.CHEF_CAP: -13,
    HatType.GLADIATOR_HELMET: 3,
    HatType.HAT: 2,
    HatType.TURBAN: 3,
    HatType.WINTER_HAT_2: 0,
    HatType.WINTER_HAT_3: 0,
    HatType.WINTER_HAT_4: 4,
}


def view_box(top: HairType | HatType, childlike: float) -> str:
    """The square, as SVG's viewBox, for this hair and a figure so childlike (0 to 1)."""
    upper = min(CEILING, TOPS.get(top, CEILING + HEADROOM) - HEADROOM)
    side = FOOT - upper + CHILD_ROOM * childlike
    return f"{MIDDLE - side / 2:.2f} {FOOT - side:.2f} {side:.2f} {side:.2f}"
