"""Cartoon: a few flat colours with clean edges, and outlines in ink.

A pure function of a picture and a seed.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from jobs.character.canvas import Picture, Progress, bands, mix, part
from jobs.character.colour import from_lab, to_lab
from jobs.character.filters import luma, resize
from jobs.character.flow import ink, tangents
from jobs.character.kuwahara import kuwahara
from jobs.character.quantisation import nearest, palette_of

INK = np.array([0.10, 0.075, 0.11], np.float32)

# How many flat colours a cartoon has, and how much purer than in life they are.
COLOURS = 26
VIVID = np.array([1, 1.22, 1.22], np.float32)

# Areas are cut out at this many times the size and shrunk again: that gives them clean edges.
FINER = 2

# Shares of the side: the reach of the smoothing, of the outlines' direction, and half the width
# of an outline.
SMOOTHED, DIRECTION, OUTLINE = 1 / 150, 1 / 200, 1 / 380


def paint(picture: Picture, seed: int, progress: Progress) -> Picture:
    """The picture as a cartoon."""
    rows = picture.shape[0]
    reach = max(2, round(rows * SMOOTHED))
    smooth = kuwahara(picture, reach, part(progress, 0.0, 0.25), "Smoothing areas")
    lab = to_lab(smooth)
    colours = palette_of(lab, COLOURS, seed, part(progress, 0.25, 0.35))
    flat = _cut_out(lab, colours, from_lab(colours * VIVID), part(progress, 0.35, 0.75))
    bright = luma(smooth)
    flow = tangents(bright, rows * DIRECTION)
    lines = ink(bright, flow, rows * OUTLINE, part(progress, 0.75, 1.0), "Inking")
    return mix(flat, INK, lines[..., None])


def _cut_out(lab: Picture, colours: Picture, shown: Picture, progress: Progress) -> Picture:
    """Every place in the nearest of the colours, as it is to be shown."""
    rows, columns = lab.shape[:2]
    fine = resize(lab, rows * FINER, columns * FINER, Image.Resampling.BICUBIC)
    result = np.empty_like(lab)
    for band in bands(rows, progress, "Cutting out colours"):
        cut = shown[nearest(fine[band.start * FINER : band.stop * FINER], colours)]
        wide = cut.reshape(band.stop - band.start, FINER, columns, FINER, 3)
        result[band] = wide.mean(axis=(1, 3))
    return result
