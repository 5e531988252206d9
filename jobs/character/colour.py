"""Colour: hex and sRGB, and Oklab, in which equal steps look equal.

Pure functions; they know nothing of styles.
"""

from __future__ import annotations

import numpy as np

from jobs.character.canvas import WHITE, Picture, Plane

# The sRGB curve (IEC 61966-2-1), as a table: a byte more precise than any screen.
_STEPS = 4095
_FOOT, _SLOPE, _OFFSET, _POWER = 0.0031308, 12.92, 0.055, 2.4
_CURVED = np.linspace(0, 1, _STEPS + 1)
_LINEAR = np.where(
    _CURVED <= _FOOT * _SLOPE,
    _CURVED / _SLOPE,
    ((_CURVED + _OFFSET) / (1 + _OFFSET)) ** _POWER,
).astype(np.float32)

# Björn Ottosson's Oklab: linear RGB to cone responses, their cube roots to L, a, b, and back.
_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_CONES = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def rgb(code: str) -> Picture:
    """The colour of "#rrggbb" as three values from 0 to 1."""
    return np.array([int(code[k : k + 2], 16) / WHITE for k in (1, 3, 5)], np.float32)


def blend(under: str, over: str, amount: float) -> str:
    """The "#rrggbb" between two others: the first where the amount is 0, the second at 1."""
    mixed = rgb(under) + (rgb(over) - rgb(under)) * amount
    return "#" + "".join(f"{round(float(value) * WHITE):02x}" for value in mixed)


def difference(one: str, other: str) -> float:
    """How unlike two "#rrggbb" look: 0 alike, 1 black and white (in Oklab)."""
    off = to_lab(rgb(one)[None]) - to_lab(rgb(other)[None])
    return float(np.sqrt((off * off).sum()))


def to_lab(picture: Picture) -> Picture:
    """sRGB to Oklab: lightness 0 to 1, then green-red and blue-yellow, both around 0."""
    linear = _LINEAR[(np.clip(picture, 0, 1) * _STEPS + 0.5).astype(np.int32)]
    return _apply(_TO_LAB, np.cbrt(_apply(_TO_CONES, linear)))


def from_lab(lab: Picture) -> Picture:
    """Oklab to sRGB, cut to what a screen can show."""
    cones = _apply(_FROM_LAB, lab)
    linear = np.clip(_apply(_FROM_CONES, cones * cones * cones), 0, 1)
    above = (1 + _OFFSET) * linear ** np.float32(1 / _POWER) - _OFFSET
    return np.where(linear <= _FOOT, linear * np.float32(_SLOPE), above).astype(np.float32)


def saturate(picture: Picture, factor: float) -> Picture:
    """The same lightness with `factor` times the colour."""
    grey = picture.mean(axis=-1, keepdims=True)
    vivid: Picture = np.clip(grey + (picture - grey) * np.float32(factor), 0, 1)
    return vivid


def _apply(matrix: tuple[tuple[float, ...], ...], picture: Picture) -> Picture:
    # Written out rather than as a matrix product: BLAS may sum in another order on another run.
    planes: list[Plane] = []
    for a, b, c in matrix:
        planes.append(
            picture[..., 0] * np.float32(a)
            + picture[..., 1] * np.float32(b)
            + picture[..., 2] * np.float32(c)
        )
    return np.stack(planes, axis=-1)
