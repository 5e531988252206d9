"""The description: the look that follows from a person's words, always the same one.

Name and gender decide who it is (skin, hair, eyes), the age what the years did, the personality
what the face does, what is worn and where; so one person keeps one face through life.
"""

from __future__ import annotations

from jobs.character.attire import choose_clothes, choose_palette
from jobs.character.avatars import FacialHairType, HatType, NoseType
from jobs.character.catalogue import faces, hair, sayings
from jobs.character.chance import Chance
from jobs.character.colour import blend
from jobs.character.look import Face, Hair, Look, Scene
from jobs.character.person import Person, Reading, read
from jobs.character.words import with_article
from jobs.character.years import Years, years_of

# Of a hundred: people with freckles, and children.
FRECKLED, FRECKLED_CHILDREN = 0.10, 0.35

# Blush in the cheeks: a child's, and what is left of it in a grown-up.
CHILD_BLUSH, BLUSH = 0.85, 0.38

# How grey hair has to be to be called so: "greying", "grey", "white".
GREYING, GREYED, WHITENED = 0.12, 0.45, 0.85

# Silver comes first, white at the end of life.
SILVERED = 0.70

# What a look has words for.
WORDED = ("hair", "expression", "clothes", "background")

HAT_COLOURS = ("#3c4f5c", "#7c3a4a", "#3f6b5c", "#8a6a3a")


def choose(person: Person) -> Look:
    """The look of a person; the same person, described the same way, looks the same."""
    reading, identity = read(person), Chance(person.identity)
    mood = Chance(f"{person.identity}\0{person.personality}")
    years = years_of(person.age, person.sex, identity)
    skin = identity.whole("skin") % len(faces.SKINS)
    face, expression = _face(reading, identity, mood, years, skin)
    head, head_words = _hair(reading, person.sex, identity, years, skin)
    clothes, clothes_words = choose_clothes(reading, person.sex, mood, years)
    told = next((trait.scene for trait in reading.traits if trait.scene), None)
    scene = told or mood.pick("scene", tuple(Scene))
    palette = choose_palette(reading, mood, scene, (face.skin, head.colour, clothes.colour))
    return Look(
        face=face,
        hair=head,
        clothes=clothes,
        scene=scene,
        palette=palette,
        childlike=years.childlike,
        shoulders=years.shoulders,
        seed=mood.whole("seed") % 2**31,
        words=dict(zip(WORDED, (head_words, expression, clothes_words, scene.value), strict=True)),
    )


def _face(
    reading: Reading, identity: Chance, mood: Chance, years: Years, skin: int
) -> tuple[Face, str]:
    name = next((trait.expression for trait in reading.traits if trait.expression), None)
    expression = faces.EXPRESSIONS[name or mood.pick("expression", faces.EVERYDAY_EXPRESSIONS)]
    dark = skin >= faces.DARK_SKIN
    eyes = identity.pick("eyes", faces.DARK_EYE_COLOURS if dark else faces.EYE_COLOURS)
    freckled = FRECKLED + (FRECKLED_CHILDREN - FRECKLED) * years.childlike
    noses = (NoseType.SMALL,) if years.stage == "baby" else (NoseType.DEFAULT, NoseType.WIDE)
    face = Face(
        skin=faces.SKINS[skin],
        eyes=expression.eyes,
        eye_colour=reading.colour_of("eyes eyed", sayings.SAID_EYE_COLOURS) or eyes,
        eyebrows=expression.eyebrows,
        nose=identity.pick("nose", noses),
        mouth=expression.mouth,
        lines=years.lines,
        blush=BLUSH + (CHILD_BLUSH - BLUSH) * years.childlike,
        freckles=identity.number("freckles") < freckled or bool(reading.said({"freckle*": True})),
    )
    return face, expression.words


def _hair(
    reading: Reading, sex: str, identity: Chance, years: Years, skin: int
) -> tuple[Hair, str]:
    stage = years.stage
    usual = hair.BABY_TOPS if stage == "baby" else hair.TOPS[stage, sex]
    top = reading.said(sayings.SAID_TOPS)
    top = top or next((trait.top for trait in reading.traits if trait.top), None)
    top = top or identity.pick(f"hair {stage}", usual)
    colour, called = _hair_colour(reading, identity, years, skin)
    beard = _beard(reading, identity, years)
    worn = isinstance(top.kind, HatType)
    words = with_article(top.words.format(colour=called))
    if beard is not FacialHairType.NONE:
        words += f" and {hair.BEARDS[beard].format(colour=called)}"
    hat = identity.pick("hat", HAT_COLOURS) if worn else HAT_COLOURS[0]
    return Hair(top=top.kind, colour=colour, hat_colour=hat, beard=beard), words


def _hair_colour(reading: Reading, identity: Chance, years: Years, skin: int) -> hair.HairColour:
    """The colour of the hair and its name; what is said of it holds at any age."""
    said = (
        reading.colour_of("hair haired", sayings.SAID_HAIR_COLOURS)
        or reading.said({name: sayings.SAID_HAIR_COLOURS[name] for name in sayings.BY_THEMSELVES})
        or reading.said({sayings.REDHEADS: sayings.SAID_HAIR_COLOURS["red"]})
    )
    if said:
        return said
    dark = skin >= faces.DARK_SKIN
    natural = hair.DARK_HAIR_COLOURS if dark else hair.HAIR_COLOURS
    colour, name = identity.pick("hair colour", natural)
    if years.grey < GREYING:
        return colour, name
    silver = blend(colour, hair.GREY, min(years.grey / SILVERED, 1))
    colour = blend(silver, hair.WHITE, max((years.grey - SILVERED) / (1 - SILVERED), 0))
    if years.grey < GREYED:
        return colour, f"greying {name}"
    return colour, "grey" if years.grey < WHITENED else "white"


def _beard(reading: Reading, identity: Chance, years: Years) -> FacialHairType:
    said = reading.said(sayings.SAID_BEARDS)
    if said:
        return said
    if identity.number("bearded") >= years.bearded:
        return FacialHairType.NONE
    return identity.pick("beard", tuple(hair.BEARDS))
