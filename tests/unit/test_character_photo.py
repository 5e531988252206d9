"""Photos of every usual kind: read in their colours, upright and square."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from jobs.character.canvas import silent
from jobs.character.photo import develop, read_photo
from tests.unit.test_character_hostile import BLUE, RED, SIZE, encoded, halves


def shown(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The colours near the top and near the bottom of the photo as read, in bytes."""
    picture = read_photo(content, SIZE, silent) * 255
    assert picture.shape == (SIZE, SIZE, 3)
    return picture[4, SIZE // 2], picture[-4, SIZE // 2]


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {}),
        ("JPEG", "RGB", {"quality": 95, "progressive": True}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("WEBP", "RGB", {"quality": 95}),
        ("WEBP", "RGBA", {"lossless": True}),
    ],
)
def test_every_usual_kind_of_file_is_read_in_its_colours(
    form: str, mode: str, options: dict[str, object]
) -> None:
    above, below = shown(encoded(halves(mode=mode), form, **options))

    assert above == pytest.approx(RED, abs=30)
    assert below == pytest.approx(BLUE, abs=30)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_a_photo_without_colours_is_read(mode: str) -> None:
    above, below = shown(encoded(halves(mode=mode), "PNG"))

    assert np.ptp(above) < 1
    assert np.ptp(below) < 1


def test_sixteen_bits_a_pixel_keep_their_tones() -> None:
    tones = np.repeat(np.linspace(0, 65535, 64).astype(np.uint16)[:, None], 64, axis=1)

    picture = read_photo(encoded(Image.fromarray(tones), "PNG"), SIZE, silent)

    assert picture[0].max() < 0.05
    assert picture[SIZE // 2].mean() == pytest.approx(0.5, abs=0.05)
    assert picture[-1].min() > 0.95


def test_what_is_transparent_is_shown_before_paper() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))

    assert read_photo(encoded(clear, "PNG"), SIZE, silent).min() > 0.85


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_the_camera_was_held(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    tall = Image.new("RGB", (64, 160), RED)
    tall.paste(BLUE, (0, 56, 64, 160))
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = tall.transpose(undo[orientation]) if orientation in undo else tall

    above, below = shown(encoded(held, "JPEG", exif=exif, quality=95))

    # A quarter of what is cut off goes above: rows 24 to 88 are shown, the upper half of it red.
    assert above == pytest.approx(RED, abs=30)
    assert below == pytest.approx(BLUE, abs=30)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff" * 40,
        b"\0\1\x01\x12\0\2\0\0\0\4abc\0\0\0\0\0",
        b"\0\1\x01\x12\0\3\0\0\0\1\0\x63\0\0\0\0\0\0",
    ],
    ids=["no table", "a word", "99"],
)
def test_nonsense_about_how_the_camera_was_held_is_ignored(nonsense: bytes) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + nonsense

    above, _ = shown(encoded(halves(), "JPEG", exif=exif, quality=95))

    assert above == pytest.approx(RED, abs=30)


def test_a_wide_photo_is_cropped_in_the_middle() -> None:
    wide = Image.new("RGB", (200, 60), BLUE)
    wide.paste(RED, (70, 0, 130, 60))

    picture = read_photo(encoded(wide, "PNG"), SIZE, silent) * 255

    assert picture.reshape(-1, 3) == pytest.approx(np.tile(RED, (SIZE * SIZE, 1)), abs=2)


def test_of_an_animation_the_first_picture_is_read() -> None:
    first, second = Image.new("RGB", (64, 64), RED), Image.new("RGB", (64, 64), BLUE)
    content = encoded(first, "WEBP", save_all=True, append_images=[second], quality=95)

    above, below = shown(content)

    assert above == pytest.approx(RED, abs=30)
    assert below == pytest.approx(RED, abs=30)


def test_a_dull_photo_is_developed_from_dark_to_light_and_stays_within_bounds() -> None:
    ramp = np.linspace(0.3, 0.7, 64, dtype=np.float32)
    dull = np.repeat(np.repeat(ramp[None, :, None], 64, axis=0), 3, axis=2)

    bright = develop(dull, silent)

    assert np.ptp(bright) > 1.5 * np.ptp(dull)
    assert bright.min() >= 0
    assert bright.max() <= 1
