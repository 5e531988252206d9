"""The drawing of a look, and the light on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import resvg_py

from jobs.character.avatars import FacialHairType, HairType, HatType
from jobs.character.background import paint_background
from jobs.character.canvas import silent
from jobs.character.catalogue import hair
from jobs.character.catalogue.palettes import PALETTES
from jobs.character.description import choose
from jobs.character.drawing import draw
from jobs.character.figure import Figure, model
from jobs.character.look import Look, Scene
from jobs.character.person import Person

SIZE = 48

EVERY_TOP = sorted(
    {top.kind for top in vars(hair).values() if isinstance(top, hair.Top)}, key=lambda top: top.name
)


def with_top(top: HairType | HatType) -> Look:
    look = choose(Person("Ada", 34, "woman"))
    return replace(look, hair=replace(look.hair, top=top))


def test_nothing_a_person_typed_reaches_the_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = resvg_py.svg_to_bytes

    def spy(svg_string: str, **options: Any) -> bytes:
        drawn.append(svg_string)
        return real(svg_string=svg_string, **options)

    monkeypatch.setattr("jobs.character.drawing.resvg_py.svg_to_bytes", spy)
    evil = '"/><image href="file:///etc/passwd"/>Zzqx'

    draw(choose(Person(evil, 34, evil[:50], f"kind, bearded, {evil}")), SIZE, silent)

    assert drawn
    assert not any("Zzqx" in svg or "<image" in svg or "passwd" in svg for svg in drawn)


@pytest.mark.parametrize("top", EVERY_TOP, ids=lambda top: top.name)
def test_every_head_in_the_catalogue_can_be_drawn_and_is_not_cut_off(
    top: HairType | HatType,
) -> None:
    layers = draw(with_top(top), SIZE, silent)

    cover = np.maximum.reduce([layer.cover for layer in layers])
    assert [layer.cover.shape for layer in layers] == [(SIZE, SIZE)] * len(layers)
    assert cover[SIZE // 2, SIZE // 2] == 1
    assert cover[0].max() == 0


def test_a_beard_is_drawn_even_where_the_hair_has_no_place_for_one() -> None:
    look = with_top(HairType.LOOSE_HAIR)
    bearded = replace(look, hair=replace(look.hair, beard=FacialHairType.BEARD_MEDIUM))

    beard = next(layer for layer in draw(bearded, SIZE, silent) if layer.name == "beard")

    assert beard.cover.sum() > SIZE


def test_a_drawing_is_reported_layer_by_layer() -> None:
    heard: list[float] = []

    draw(with_top(HairType.BOB), SIZE, lambda done, _: heard.append(done))

    assert heard == sorted(heard)
    assert heard[-1] == 1
    assert len(heard) > 3


def test_a_figure_is_lit_from_the_left_and_narrows_to_narrow_shoulders() -> None:
    layers = draw(with_top(HairType.NONE), SIZE, silent)

    wide, narrow = (model(layers, width, 1, silent) for width in (1.0, 0.7))

    head = slice(SIZE // 3, SIZE // 2)
    left, right = wide.colour[head, 17:20].mean(), wide.colour[head, 28:31].mean()
    assert left > right
    assert narrow.cover[-2].sum() < wide.cover[-2].sum()
    assert np.array_equal(narrow.cover[: SIZE // 2], wide.cover[: SIZE // 2])


def test_what_a_figure_does_not_cover_shows_the_background() -> None:
    colour = np.zeros((2, 2, 3), np.float32)
    background = np.full((2, 2, 3), 0.25, np.float32)

    seen = Figure(colour, np.array([[0, 1], [0.5, 0]], np.float32)).before(background)

    assert seen[..., 0].tolist() == [[0.25, 0.0], [0.125, 0.25]]


@pytest.mark.parametrize("scene", Scene)
def test_every_scene_is_painted_row_by_row_and_the_same_for_the_same_seed(scene: Scene) -> None:
    heard: list[tuple[float, str]] = []

    one = paint_background(scene, PALETTES["teal"], 96, 7, lambda *told: heard.append(told))
    again = paint_background(scene, PALETTES["teal"], 96, 7, silent)

    assert np.array_equal(one, again)
    assert one.min() >= 0
    assert one.max() <= 1
    assert one.std() > 0.03
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert "row 96 of 96" in heard[-1][1]
