"""Pixel art: a coarse grid, a small palette, ordered dithering and dark outlines.

A pure function of a picture and a seed.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from jobs.character.canvas import Picture, Plane, Progress, bands, part, smoothstep
from jobs.character.colour import from_lab, to_lab
from jobs.character.filters import luma, resize
from jobs.character.flow import ink, tangents
from jobs.character.kuwahara import kuwahara
from jobs.character.quantisation import nearest, palette_of

# Squares along the side of the picture, and colours in the palette.
SQUARES, COLOURS = 96, 28

# Bayer's 4 × 4 matrix: the order in which the squares of a tile take the lighter colour.
TILE = 4
ORDER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
BAYER = (np.array(ORDER, np.float32) + 0.5) / TILE**2 - 0.5

# How far dithering reaches, as lightness: about the step between two shades of the palette.
DITHER = 0.045

# An outline is the place's own colour, darkened so far, where lines cover this much of a square.
DARKENED, COVER_FROM, COVER_FULL = 0.62, 0.15, 0.75

# How much purer than in life the colours are.
VIVID = 1.18

# Shares of the side: the reach of the smoothing, of the outlines' direction, and half the width
# of an outline.
SMOOTHED, DIRECTION, OUTLINE = 1 / 200, 1 / 200, 1 / 300


def paint(picture: Picture, seed: int, progress: Progress) -> Picture:
    """The picture as pixel art."""
    rows, columns = picture.shape[:2]
    side = max(1, round(rows / SQUARES))
    squares = _squares(picture, side, part(progress, 0.0, 0.6))
    colours = palette_of(squares, COLOURS, seed, part(progress, 0.6, 0.7))
    squares[..., 0] += DITHER * _tiled(*squares.shape[:2])
    chosen = nearest(squares, colours)
    shown = from_lab(colours)
    result = np.empty_like(picture)
    for band in bands(rows, part(progress, 0.7, 1.0), "Setting pixels"):
        which = np.arange(band.start, band.stop) // side
        result[band] = shown[chosen[which]].repeat(side, axis=1)[:, :columns]
    return result


def _squares(picture: Picture, side: int, progress: Progress) -> Picture:
    """The picture in squares of `side` pixels, outlined, in Oklab."""
    rows, columns = picture.shape[:2]
    reach = max(2, round(rows * SMOOTHED))
    calm = kuwahara(picture, reach, part(progress, 0.0, 0.6), "Simplifying")
    bright = luma(calm)
    flow = tangents(bright, rows * DIRECTION)
    lines = ink(bright, flow, rows * OUTLINE, part(progress, 0.6, 1.0), "Outlining")
    down, across = -(-rows // side), -(-columns // side)
    squares = to_lab(resize(calm, down, across, Image.Resampling.BOX))
    outline = resize(lines, down, across, Image.Resampling.BOX)
    squares[..., 0] *= 1 - DARKENED * smoothstep(COVER_FROM, COVER_FULL, outline)
    squares[..., 1:] *= VIVID
    return squares


def _tiled(rows: int, columns: int) -> Plane:
    return np.tile(BAYER, (-(-rows // TILE), -(-columns // TILE)))[:rows, :columns]
