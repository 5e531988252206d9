"""What a portrait may be asked for with."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from jobs.character.parameters import ArtStyle, CharacterParams

HEAVY = ("numpy", "PIL", "resvg_py", "python_avatars")


def problem(**values: object) -> str:
    """The first problem that pydantic has with these values."""
    with pytest.raises(ValidationError) as caught:
        CharacterParams.model_validate({"name": "Ada", "age": 34} | values)
    return caught.value.errors()[0]["msg"]


def test_a_name_is_stripped_and_may_be_written_in_any_script_and_in_emoji() -> None:
    params = CharacterParams(name="  😀 שלום ", age=34)

    assert params.name == "😀 שלום"
    assert params.art_style is ArtStyle.CARTOON


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200d", "\u202e"])
def test_a_name_that_nobody_can_see_is_refused(name: str) -> None:
    assert "must not be empty" in problem(name=name)


@pytest.mark.parametrize("name", ["A\x00da", "A\nda", "A\x1b[2J", "A\u2028da", "A\udc80da"])
def test_control_characters_in_a_name_are_refused(name: str) -> None:
    assert problem(name=name)


def test_a_profile_may_have_several_lines_but_no_other_control_characters() -> None:
    told = "Kind.\n\tBrave.\r\nTall."

    assert CharacterParams(name="Ada", age=34, personality_profile=told).personality_profile == told
    assert "control characters" in problem(personality_profile="kind\x00")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 101),
        ("age", -1),
        ("age", 151),
        ("age", "old"),
        ("gender", "x" * 51),
        ("personality_profile", "x" * 2001),
        ("reference_photo", "x" * 101),
    ],
)
def test_values_beyond_the_limits_are_refused(field: str, value: object) -> None:
    assert problem(**{field: value})


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("Oil painting", ArtStyle.OIL),
        ("OIL", ArtStyle.OIL),
        ("pencil sketch", ArtStyle.PENCIL),
        ("Pixel-Art", ArtStyle.PIXEL_ART),
        ("pixel", ArtStyle.PIXEL_ART),
        ("pop art", ArtStyle.POP_ART),
        ("watercolour", ArtStyle.WATERCOLOR),
        ("Watercolor painting", ArtStyle.WATERCOLOR),
        ("comic", ArtStyle.CARTOON),
        ("cartoon style", ArtStyle.CARTOON),
        ("", ArtStyle.CARTOON),
    ],
)
def test_a_style_is_understood_however_it_is_written(told: str, meant: ArtStyle) -> None:
    params = CharacterParams.model_validate({"name": "Ada", "age": 34, "art_style": told})

    assert params.art_style is meant


def test_an_unknown_style_is_answered_with_the_choices() -> None:
    said = problem(art_style="cubism")

    assert all(style in said for style in ArtStyle)


def test_a_form_left_empty_means_none() -> None:
    params = CharacterParams(name="Ada", age=34, reference_photo="", user_id="")

    assert (params.reference_photo, params.user_id) == (None, None)


def test_the_schema_explains_every_field_to_whoever_fills_in_the_form() -> None:
    fields = CharacterParams.model_json_schema()["properties"]

    assert all({"title", "description", "examples"} <= set(field) for field in fields.values())


def test_the_web_can_import_the_kind_without_anything_that_paints() -> None:
    code = f"import sys, jobs.character; print([m for m in {HEAVY!r} if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout.strip() == "[]"
