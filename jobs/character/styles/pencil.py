"""Pencil: outlines by dodging, tone by crossed hatching, graphite on the tooth of the paper.

A pure function of a picture and a seed.
"""

from __future__ import annotations

import numpy as np

from jobs.character.canvas import (
    Picture,
    Plane,
    Progress,
    bands,
    coordinates,
    mix,
    part,
    smoothstep,
)
from jobs.character.filters import blur, luma
from jobs.character.flow import along, ink, tangents
from jobs.character.hatching import LAYERS, hatch, strokes
from jobs.character.noise import cloud, paper

PAPER = np.array([0.965, 0.950, 0.915], np.float32)
GRAPHITE = np.array([0.17, 0.17, 0.19], np.float32)

# Percentiles of brightness that become black and white, unless the picture has less contrast;
# less than 1 opens the shadows; how much stronger detail (finer than this share) becomes.
TONES, LEAST_CONTRAST, SHADOWS = (1, 98), 0.2, 0.8
DETAIL, DETAIL_SIZE = 0.9, 1 / 90

# How dark rubbed graphite is, and one layer of hatching.
RUBBED, HATCHED = 0.20, 0.30

# Shares of the side: the outlines' direction, the blur that dodges, half the width of a line, a
# soft line's length, what is rubbed, and the paper's grain.
DIRECTION, DODGED, LINE, SOFT_LINE, RUB, GRAIN = (
    1 / 220,
    1 / 200,
    1 / 520,
    1 / 256,
    1 / 200,
    1 / 640,
)

# How strong soft (dodged) and firm outlines are; the darkest tone that is still dodged.
SOFT, FIRM, BLACK = 1.8, 0.72, 0.04

# Hatching runs out between these shares of the side from the sheet's edge, more or less raggedly.
BARE, FULL, RAGGED = 0.005, 0.13, 0.025

# Graphite takes on the paper's bumps and leaves its valleys; pressed outlines go deeper.
ON_BUMPS, IN_VALLEYS, PRESSED = 0.55, 0.90, 0.50
DARKEST, SHEEN = 0.94, 0.05


def paint(picture: Picture, seed: int, progress: Progress) -> Picture:
    """The picture as a pencil drawing."""
    rows, columns = picture.shape[:2]
    bright = _toned(luma(picture))
    flow = tangents(bright, rows * DIRECTION, seed)
    progress(0.05, "Sharpening the pencil")
    outline = _outline(bright, flow, part(progress, 0.05, 0.35))
    dark = (1 - bright) * _drawn_on(rows, columns, seed)
    graphite = RUBBED * blur(dark, rows * RUB)
    layer = part(progress, 0.35, 0.85)
    for number, (angle, since) in enumerate(LAYERS):
        lines = strokes(rows, columns, angle, seed + 2 * number)
        share = part(layer, number / len(LAYERS), (number + 1) / len(LAYERS))
        graphite = graphite + HATCHED * hatch(lines, dark, since, share)
    grain = paper(seed + 50, rows, columns, rows * GRAIN)
    return _rubbed(graphite, outline, grain, part(progress, 0.85, 1.0))


def _toned(bright: Plane) -> Plane:
    """Tones from black to white, and local contrast: a flat picture makes a full drawing."""
    low, high = np.percentile(bright, TONES)
    spread = np.clip((bright - low) / max(float(high - low), LEAST_CONTRAST), 0, 1)
    open_ = spread.astype(np.float32) ** np.float32(SHADOWS)
    detail = open_ - blur(open_, bright.shape[0] * DETAIL_SIZE)
    toned: Plane = np.clip(open_ + detail * DETAIL, 0, 1)
    return toned


def _outline(bright: Plane, flow: tuple[Plane, Plane], progress: Progress) -> Plane:
    """Dodged outlines (the picture divided by its own blur) and a firmer line."""
    rows = bright.shape[0]
    around = np.maximum(blur(bright, rows * DODGED), BLACK)
    dodged = 1 - np.clip(bright / around, 0, 1)
    length = max(2, round(rows * SOFT_LINE))
    soft = along(dodged, flow, length, part(progress, 0.0, 0.4), "Finding outlines")
    firm = ink(bright, flow, rows * LINE, part(progress, 0.4, 1.0), "Drawing outlines")
    return np.clip(soft * SOFT * bright + firm * FIRM, 0, 1)


def _drawn_on(rows: int, columns: int, seed: int) -> Plane:
    """1 in the middle, 0 towards the sheet's edge: hatching runs out before the paper does."""
    x, y = coordinates(rows, columns)
    inside = np.minimum(np.minimum(x, columns - 1 - x), y) / rows
    ragged = inside + cloud(seed + 60, rows, columns, rows / 7, 3) * np.float32(RAGGED)
    return smoothstep(BARE, FULL, ragged)


def _rubbed(graphite: Plane, outline: Plane, grain: Plane, progress: Progress) -> Picture:
    """The graphite on the tooth of the paper."""
    drawn = np.empty((*grain.shape, 3), np.float32)
    for band in bands(grain.shape[0], progress, "Rubbing graphite into the paper"):
        tooth = ON_BUMPS + IN_VALLEYS * (1 - grain[band])
        pressed = outline[band] * (PRESSED + tooth / 2)
        lead = np.clip(graphite[band] * tooth + pressed, 0, DARKEST)
        sheet = PAPER * (1 + (grain[band] - 0.5) * SHEEN)[..., None]
        drawn[band] = mix(sheet, GRAPHITE, lead[..., None])
    return np.clip(drawn, 0, 1)
