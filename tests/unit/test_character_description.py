"""The look that follows from a person's words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.character.avatars import (
    AccessoryType,
    ClothingType,
    FacialHairType,
    HairType,
    HatType,
)
from jobs.character.catalogue import faces, hair, wardrobe
from jobs.character.catalogue.palettes import PALETTES
from jobs.character.catalogue.traits import TRAITS
from jobs.character.catalogue.vocabulary import WORDS
from jobs.character.colour import difference, rgb
from jobs.character.description import choose
from jobs.character.look import Look
from jobs.character.person import Person
from jobs.character.words import words_of

NAMES = ("Ada", "Bruno", "Chen", "Dina", "Emeka", "Freya", "Goran", "Hana", "Ivo", "Jo")
SUITS = {ClothingType.BLAZER_SHIRT, ClothingType.BOND_SUIT, ClothingType.SHIRT_WICK}


def look_of(told: str = "", *, name: str = "Ada", age: int = 34, gender: str = "") -> Look:
    return choose(Person(name, age, gender, told))


def test_the_same_words_give_the_same_look() -> None:
    assert look_of("cheerful, wise") == look_of("cheerful, wise")


def test_different_people_look_different() -> None:
    looks = {repr(look_of(name=name)) for name in NAMES}

    assert len(looks) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_person_keeps_skin_and_eyes_through_life_and_moods(name: str) -> None:
    young, old = look_of("shy", name=name, age=6), look_of("fierce", name=name, age=90)

    assert (young.face.skin, young.face.eye_colour) == (old.face.skin, old.face.eye_colour)


@pytest.mark.parametrize("name", NAMES)
def test_hair_turns_white_and_lines_come_with_age(name: str) -> None:
    young, old = look_of(name=name, age=20), look_of(name=name, age=92)

    assert difference(young.hair.colour, hair.WHITE) > 0.1
    assert old.hair.colour == hair.WHITE
    assert (young.face.lines, old.face.lines) == (0, 1)
    assert "grey" not in young.words["hair"]


@pytest.mark.parametrize("name", NAMES)
def test_children_are_smaller_rosier_and_beardless_and_wear_no_suits(name: str) -> None:
    child = look_of("a confident businessman", name=name, age=7, gender="boy")
    grown = look_of("a confident businessman", name=name, age=40, gender="man")

    assert child.childlike > grown.childlike == 0
    assert child.shoulders < grown.shoulders
    assert child.face.blush > grown.face.blush
    assert child.hair.beard is FacialHairType.NONE
    assert child.clothes.kind not in SUITS


@pytest.mark.parametrize(
    ("told", "expression"),
    [
        ("Cheerful and loud", "joyful"),
        ("a GRUMPY old man", "grumpy"),
        ("melancholic", "sad"),
        ("dreamer", "dreamy"),
        ("fierce warrior", "fierce"),
        ("never happy, always worried", "anxious"),
        ("is not a cheerful person, rather stern", "serious"),
        ("mysterious; happy only at night", "sly"),
    ],
)
def test_the_personality_shows_in_the_expression(told: str, expression: str) -> None:
    assert look_of(told).words["expression"] == faces.EXPRESSIONS[expression].words


def test_the_personality_shows_in_the_clothes() -> None:
    assert look_of("an astronaut").clothes.kind is ClothingType.ASTRONAUT_SUIT
    assert look_of("a knight").clothes.kind is ClothingType.GLADIATOR
    assert "skull" in {word for name in NAMES for word in _clothes("a rebellious punk", name)}


def _clothes(told: str, name: str) -> list[str]:
    return look_of(told, name=name).words["clothes"].split()


def test_what_is_said_outright_is_drawn_at_any_age_and_gender() -> None:
    look = look_of("Red hair, green eyes, a long beard and sunglasses", age=80, gender="woman")

    assert "red" in look.words["hair"]
    assert look.face.eye_colour == "#4f8a4a"
    assert look.hair.beard is FacialHairType.BEARD_MEDIUM
    assert look.clothes.glasses is AccessoryType.SUNGLASSES
    assert look_of("completely bald").hair.top is HairType.NONE
    assert look_of("she wears a hijab").hair.top is HatType.HIJAB
    assert look_of("red-haired").words["hair"] == look_of("has red hair").words["hair"]


def test_what_is_denied_is_not_drawn() -> None:
    assert look_of("no beard", gender="woman").hair.beard is FacialHairType.NONE
    assert words_of("not a happy man, but brave") == ["man", "but", "brave"]


@pytest.mark.parametrize(
    ("gender", "sex"),
    [
        ("female", "f"),
        ("Woman", "f"),
        ("male", "m"),
        ("a young man", "m"),
        ("non-binary", "n"),
        ("", "n"),
        ("not a man", "n"),
        ("man and woman", "n"),
        ("⚧", "n"),
    ],
)
def test_a_gender_is_read_as_it_is_told(gender: str, sex: str) -> None:
    assert Person("Ada", 34, gender).sex == sex


def test_everything_a_trait_names_is_in_the_catalogue() -> None:
    assert set(TRAITS) == set(WORDS)
    for trait in TRAITS.values():
        assert trait.expression in {"", *faces.EXPRESSIONS}
        assert trait.wardrobe in {"", *wardrobe.WARDROBES}
        assert trait.tones in {"", *wardrobe.TONES}
        assert set(trait.palettes) <= set(PALETTES)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.integers(0, 150), st.text(max_size=20), st.text(max_size=200))
def test_any_words_whatever_give_a_look(name: str, age: int, gender: str, told: str) -> None:
    look = choose(Person(name, age, gender, told))

    for colour in (look.face.skin, look.hair.colour, look.clothes.colour):
        assert rgb(colour).shape == (3,)
    assert 0 <= look.face.lines <= 1
    assert all(look.words.values())
