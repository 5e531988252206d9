"""The painter: from words, or a photo, to a portrait."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from jobs.character import caption
from jobs.character.painter import PORTRAIT, THUMBNAIL, Portrait, StudioPainter
from jobs.character.parameters import ArtStyle
from jobs.character.person import Person
from jobs.character.steps import PLACES, STEPS, Step, percent

SIZE = 64
ADA = Person("Ada", 34, "female", "a curious mathematician")


def paint(
    person: Person = ADA, style: ArtStyle = ArtStyle.PIXEL_ART, photo: bytes | None = None
) -> Portrait:
    return StudioPainter(SIZE).paint(person, style, photo, lambda *_: None)


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 100), (10, 160, 60)).save(file, "JPEG")
    return file.getvalue()


def test_a_portrait_and_its_thumbnail_are_png_files_without_anything_else_in_them() -> None:
    portrait = paint()

    for content, side in ((portrait.png, SIZE), (portrait.thumbnail, THUMBNAIL)):
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            image.load()
            assert (image.size, image.mode, image.info) == ((side, side), "RGB", {})
    assert (PORTRAIT, StudioPainter().size) == (768, 768)


@pytest.mark.parametrize("style", ArtStyle)
def test_the_same_words_and_style_make_the_same_bytes(style: ArtStyle) -> None:
    assert paint(style=style) == paint(style=style)


def test_another_style_age_or_mood_makes_another_portrait() -> None:
    pictures = {
        paint().png,
        paint(style=ArtStyle.POP_ART).png,
        paint(Person("Ada", 84, "female", "a curious mathematician")).png,
        paint(Person("Ada", 34, "female", "a grumpy cook")).png,
    }

    assert len(pictures) == 4


def test_with_a_photo_the_photo_is_painted() -> None:
    portrait = paint(style=ArtStyle.OIL, photo=photo())

    with Image.open(io.BytesIO(portrait.png)) as image:
        red, green, blue = np.asarray(image, float).mean(axis=(0, 1))
    assert green > red
    assert green > blue
    assert set(portrait.words) == {"photo"}


@pytest.mark.parametrize("photographed", [False, True])
def test_the_work_goes_through_four_steps_and_each_is_followed_to_its_end(
    photographed: bool,
) -> None:
    heard: list[tuple[Step, float]] = []
    content = photo() if photographed else None

    StudioPainter(SIZE).paint(
        ADA, ArtStyle.CARTOON, content, lambda step, done, _: heard.append((step, done))
    )

    steps = list(dict.fromkeys(step for step, _ in heard))
    bar = [percent(step, done) for step, done in heard]
    assert [PLACES[step][0] for step in steps] == [1, 2, 3, 4]
    assert bar == sorted(bar)
    assert bar[-1] == 100
    assert {step for step, done in heard if done == 1} == set(steps)


def test_no_step_begins_before_its_even_share_of_the_bar() -> None:
    # A report's step moves the bar to that share at once: it must not have to move back.
    for number, begin, end in PLACES.values():
        assert 100 * (number - 1) / STEPS <= begin < end <= 100


def test_a_caption_tells_what_can_be_seen() -> None:
    words = paint().words

    told = caption(words)

    assert told[0].isupper()
    assert all(told.lower().count(words[part].lower()) for part in words)
    assert caption({"photo": "the photo sent"}) == "Painted after the photo sent."
