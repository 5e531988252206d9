"""The photo: a file from anywhere turned into a square picture, or refused in a plain sentence.

Nothing is decoded before its first bytes and its size in pixels have been looked at; what is
decoded loses everything but its pixels.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image

from jobs.character.canvas import WHITE, Picture, Progress
from jobs.character.filters import guided, in_bands, luma
from jobs.character.signature import BadPhoto, format_of, webp_size

# The largest photo: 40 megapixels are 160 MB when decoded, and more than most cameras make.
MOST_PIXELS = 40_000_000

# The least width and height, in pixels: less is no picture of anybody.
LEAST_SIDE = 32

# How much of what is cut off a tall photo goes at its top: faces are above the middle.
CUT_ABOVE = 0.25

# Percentiles of brightness that become black and white, unless the photo has less contrast than
# this on purpose; differences below NOISE (0 to 1) are smoothed over 1/SMOOTHED of the side.
TONES, LEAST_CONTRAST = (0.5, 99.5), 0.35
NOISE, SMOOTHED = 0.05, 256

# What shows through a transparent photo: red, green, blue, and that it is opaque.
BEHIND = (236, 232, 226, 255)

# EXIF's orientations: what makes each upright, which lie on their side, which have the top of
# the scene at the right or the bottom.
EXIF_ORIENTATION = 0x0112
LYING, UPSIDE_DOWN = frozenset({5, 6, 7, 8}), frozenset({3, 4, 7, 8})
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow raises for broken files. Not Exception: a job's timeout is one, and must get through.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)


def read_photo(content: bytes, size: int, progress: Progress) -> Picture:
    """The photo's square part, upright, at `size` × `size` pixels. Raises BadPhoto."""
    form = format_of(content)
    if form == "WEBP":
        _check_size(*webp_size(content))
    with _decoding():
        _look_at(content, form)
        progress(0.2, "Decoding the photo")
        with Image.open(io.BytesIO(content), formats=(form,)) as image:
            image.draft("RGB", (2 * size, 2 * size))
            image.load()
            progress(0.7, "Cropping the photo")
            square = _cropped(image, _orientation(image), size)
    progress(1, "Cropping the photo")
    return np.asarray(square, np.float32) / np.float32(WHITE)


def develop(picture: Picture, progress: Progress) -> Picture:
    """The photo with its tones spread from dark to light and its noise smoothed."""
    rows = picture.shape[0]
    darkest, lightest = np.percentile(luma(picture), TONES)
    spread = (picture - darkest) / max(float(lightest - darkest), LEAST_CONTRAST)
    radius = max(1, rows // SMOOTHED)

    def smooth(band: Picture) -> Picture:
        return guided(band, radius, NOISE)

    toned = np.clip(spread, 0, 1).astype(np.float32)
    calm = in_bands(toned, smooth, 2 * radius, progress, "Balancing tones")
    return np.clip(calm, 0, 1)


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn whatever a decoder says of a broken file into one plain sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPhoto(_too_many()) from None
    except BROKEN:
        raise BadPhoto("The photo is damaged or incomplete and cannot be read.") from None


def _look_at(content: bytes, form: str) -> None:
    """Check the size and the file's own checksums; decodes no pixel."""
    with Image.open(io.BytesIO(content), formats=(form,)) as image:
        _check_size(*image.size)
        image.verify()


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadPhoto(_too_many())
    if min(width, height) < LEAST_SIDE:
        raise BadPhoto(
            f"The photo is only {width} × {height} pixels; it takes {LEAST_SIDE} each way."
        )


def _too_many() -> str:
    return f"The photo has more than {MOST_PIXELS // 10**6} million pixels."


def _orientation(image: Image.Image) -> int:
    """How the camera was held, as EXIF says it; 1 (upright) when it says nothing of use."""
    try:
        return int(image.getexif().get(EXIF_ORIENTATION, 1))
    except BROKEN:
        return 1


def _cropped(image: Image.Image, orientation: int, size: int) -> Image.Image:
    """The square of the photo that is shown, upright, in red, green and blue.

    Cropped and shrunken first: every later copy is small then.
    """
    width, height = image.size
    side = min(width, height)
    excess = max(width, height) - side
    tall = (width > height) == (orientation in LYING)
    above = 1 - CUT_ABOVE if orientation in UPSIDE_DOWN else CUT_ABOVE
    cut = round(excess * (above if tall else 0.5))
    left, top = (cut, 0) if width > height else (0, cut)
    square = _eight_bit(image.crop((left, top, left + side, top + side)))
    small = square.resize((size, size), Image.Resampling.LANCZOS, reducing_gap=3)
    if orientation in TURNS:
        small = small.transpose(TURNS[orientation])
    if small.mode in {"RGBA", "LA", "PA"}:
        over = small.convert("RGBA")
        small = Image.alpha_composite(Image.new("RGBA", over.size, BEHIND), over)
    return small.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be shrunken: a byte for each colour."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in {"1", "P", "PA"}:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image
