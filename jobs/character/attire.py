"""The attire: what a person wears, and a background whose colours set the person off."""

from __future__ import annotations

from jobs.character.avatars import AccessoryType
from jobs.character.catalogue import sayings, wardrobe
from jobs.character.catalogue.palettes import PALETTES
from jobs.character.chance import Chance
from jobs.character.colour import blend, difference
from jobs.character.look import Clothes, Palette, Scene
from jobs.character.person import Reading
from jobs.character.words import with_article
from jobs.character.years import Years

# Of a hundred at each age: people with glasses; and those whose description suggests them.
WITH_GLASSES = {"baby": 0.0, "child": 0.08, "adult": 0.15, "old": 0.55}
SUGGESTED = 0.85

# Above the years' first lines more people need glasses: at most by this much.
MORE_WITH_LINES = 0.30

# A background this unlike skin, hair and clothes (in Oklab) sets them off well enough.
SET_OFF = 0.16

# The colour of a scene behind a head, as so much of the palette's (light, middle, deep).
BEHIND = {
    Scene.GLOW: ("light", "middle", 0.35),
    Scene.RAYS: ("light", "middle", 0.5),
    Scene.HILLS: ("light", "middle", 0.6),
    Scene.LIGHTS: ("middle", "deep", 0.5),
    Scene.NIGHT: ("middle", "deep", 0.9),
    Scene.SEA: ("light", "middle", 0.6),
    Scene.BOOKS: ("middle", "deep", 1.0),
}

CHILDREN = frozenset({"baby", "child"})


def choose_clothes(reading: Reading, sex: str, mood: Chance, years: Years) -> tuple[Clothes, str]:
    """What is worn, and the words for it."""
    young = years.stage in CHILDREN
    asked = next((trait.wardrobe for trait in reading.traits if trait.wardrobe), "")
    if young and (not asked or asked in wardrobe.GROWN_UP_WARDROBES):
        asked = "child"
    outfits = wardrobe.WARDROBES[asked or "casual"]
    if sex == "m":
        outfits = tuple(outfit for outfit in outfits if outfit is not wardrobe.SCOOP_NECK)
    outfit = mood.pick("outfit", outfits)
    tones = next((trait.tones for trait in reading.traits if trait.tones), "")
    tones = tones or mood.pick("tones", ("bright",) if young else tuple(wardrobe.TONES))
    colour, called = mood.pick("colour", wardrobe.TONES[tones])
    words = with_article(outfit.words.format(colour=called))
    glasses = choose_glasses(reading, mood, years)
    if glasses is not AccessoryType.NONE:
        words += f" and {wardrobe.GLASSES[glasses]}"
    return Clothes(outfit.kind, colour, outfit.graphic, glasses), words


def choose_glasses(reading: Reading, mood: Chance, years: Years) -> AccessoryType:
    """Glasses, if any: those that the description names, or as the years need them."""
    said = reading.said(sayings.SAID_GLASSES)
    if said:
        return said
    suggested = next((trait.glasses for trait in reading.traits if trait.glasses), None)
    if suggested is AccessoryType.EYEPATCH:
        return suggested
    needed = WITH_GLASSES[years.stage] + MORE_WITH_LINES * years.lines
    if mood.number("needs glasses") >= (SUGGESTED if suggested else needed):
        return AccessoryType.NONE
    return suggested or mood.pick("glasses", wardrobe.READING_GLASSES)


def choose_palette(reading: Reading, mood: Chance, scene: Scene, worn: tuple[str, ...]) -> Palette:
    """Colours of the background: of those that suit the mood the first that sets off `worn`."""
    suited = next((trait.palettes for trait in reading.traits if trait.palettes), ())
    wanted = [PALETTES[name] for name in mood.order("palette", suited)]
    others = mood.order("other palette", tuple(PALETTES.values()))
    palettes = [*wanted, *(palette for palette in others if palette not in wanted)]

    def set_off(palette: Palette) -> float:
        near, far, amount = BEHIND[scene]
        behind = blend(getattr(palette, near), getattr(palette, far), amount)
        return min(difference(behind, colour) for colour in worn)

    return next((p for p in palettes if set_off(p) >= SET_OFF), max(palettes, key=set_off))
