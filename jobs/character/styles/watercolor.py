"""Watercolour: washes with dark rims on rough paper, over a light pencil drawing.

A pure function of a picture and a seed. Pigment follows Bousseau et al., "Interactive watercolor
rendering" (2006): where it is dense, a colour C becomes C - (C - C²)(density - 1).
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
    sample,
    smoothstep,
)
from jobs.character.colour import from_lab, saturate, to_lab
from jobs.character.filters import blur, gradient, guided, in_bands, luma
from jobs.character.flow import ink, tangents
from jobs.character.noise import cloud, paper

# The paper, and the pencil under the paint.
PAPER = np.array([0.985, 0.970, 0.940], np.float32)
PENCIL = np.array([0.27, 0.23, 0.24], np.float32)

# Shares of the side: the paper's bumps, the pencil's direction, half the width of its line.
BUMPS, DIRECTION, LINE = 1 / 420, 1 / 256, 1 / 600

# How dark the pencil is: everywhere, on bumps besides, and on the bare margin in proportion.
DRAWN, ON_BUMPS, ON_MARGIN = 0.30, 0.35, 0.30

# How far wet paint spreads, as a share of the side; differences of tone (0 to 1) that it levels.
WET, COARSE, FINE = 1 / 128, 0.05, 0.04

# How much purer than in life the colours are; thin paint is lighter: a power below 1, and black
# is never quite black.
VIVID, THIN, DARKEST = 1.3, 0.80, 0.92

# How many washes of tone lie over each other from white to black, and how soft a wash's edge is.
WASHES, EDGE_FROM, EDGE_TO = 6, 0.3, 0.7

# How far the brush leaves the line: waves of this size, this far off (shares of the side).
WAVE, OFF = 1 / 40, 1 / 300

# Pigment gathers at the rim of a wash (its width a share of the side), at edges, in pools and in
# the valleys of the paper; blooms push it aside and leave a front.
RIM, RIM_WIDTH, MOST_RIM = 4.5, 1 / 150, 0.2
EDGE, MOST_EDGE = 2.5, 0.35
POOLS, GRAIN = 0.27, 0.60
BLOOM_FROM, BLOOM_FULL, BLOOM, FRONT, FRONT_WIDTH = 0.35, 0.80, 0.25, 0.22, 0.03

# The unpainted margin, how ragged it is and how soft its edge, as shares of the side.
MARGIN, RAGGED, MARGIN_EDGE = 0.038, 0.012, 0.006

# The light on the bumps of the paper: how strong, at most how dark and how light.
TOOTH, VALLEY, BUMP = 0.22, 0.90, 1.06


def paint(picture: Picture, seed: int, progress: Progress) -> Picture:
    """The picture as a watercolour."""
    rows, columns = picture.shape[:2]
    smooth = _smoothed(picture, part(progress, 0.0, 0.34))
    washes = _washes(smooth, part(progress, 0.34, 0.50))
    loose = _wobbled(washes, seed, part(progress, 0.50, 0.62))
    bright = luma(picture)
    flow = tangents(bright, rows * DIRECTION)
    lines = ink(bright, flow, rows * LINE, part(progress, 0.62, 0.80), "Drawing the outline")
    grain = paper(seed + 9, rows, columns, rows * BUMPS)
    density = _density(loose, grain, seed)
    edge = _painted_on(rows, columns, seed)
    tooth = _tooth(grain)
    painted = np.empty_like(picture)
    for band in bands(rows, part(progress, 0.80, 1.0), "Letting the washes dry"):
        wash: Picture = loose[band] - (loose[band] - loose[band] ** 2) * density[band][..., None]
        wash = mix(PAPER, np.clip(wash, 0, 1), edge[band][..., None])
        drawn = lines[band] * (DRAWN + ON_BUMPS * grain[band])
        drawn = drawn * (ON_MARGIN + (1 - ON_MARGIN) * edge[band])
        sheet = mix(wash, wash * PENCIL, drawn[..., None]) * tooth[band][..., None]
        painted[band] = np.clip(sheet, 0, 1)
    return painted


def _smoothed(picture: Picture, progress: Progress) -> Picture:
    """Areas without detail, edges kept; lighter and purer, as thin paint on white paper is."""
    radius = max(2, round(picture.shape[0] * WET))

    def soak(band: Picture) -> Picture:
        return guided(guided(band, radius, COARSE), radius, FINE)

    areas = in_bands(picture, soak, 4 * radius, progress, "Wetting the paper")
    light = np.clip(saturate(areas, VIVID), 0, 1) ** np.float32(THIN)
    return 1 - (1 - light) * np.float32(DARKEST)


def _washes(picture: Picture, progress: Progress) -> Picture:
    """Tone in soft steps, as layers of wash over each other make it."""
    result = np.empty_like(picture)
    for band in bands(picture.shape[0], progress, "Laying washes"):
        lab = to_lab(picture[band])
        level = lab[..., 0] * WASHES
        step = np.floor(level)
        lab[..., 0] = (step + smoothstep(EDGE_FROM, EDGE_TO, level - step)) / WASHES
        result[band] = from_lab(lab)
    return blur(result, 1)


def _wobbled(picture: Picture, seed: int, progress: Progress) -> Picture:
    """Edges that a wet brush, not a ruler, has drawn."""
    rows, columns = picture.shape[:2]
    x, y = coordinates(rows, columns)
    x = x + cloud(seed + 1, rows, columns, rows * WAVE, 3) * np.float32(rows * OFF)
    y = y + cloud(seed + 5, rows, columns, rows * WAVE, 3) * np.float32(rows * OFF)
    result = np.empty_like(picture)
    for band in bands(rows, progress, "Letting edges run"):
        result[band] = sample(picture, x[band], y[band])
    return result


def _density(washes: Picture, grain: Plane, seed: int) -> Plane:
    """How much more pigment than usual lies where."""
    rows, columns = grain.shape
    bright = luma(washes)
    rim = np.clip(blur(bright, rows * RIM_WIDTH) - bright, 0, MOST_RIM) * RIM
    across, down = gradient(blur(bright, 1))
    rim = rim + np.clip(np.hypot(across, down) * EDGE, 0, MOST_EDGE)
    pools = cloud(seed + 20, rows, columns, rows / 5, 5) * np.float32(POOLS)
    bloom = cloud(seed + 30, rows, columns, rows / 3, 5)
    front = np.exp(-(((bloom - BLOOM_FROM) / FRONT_WIDTH) ** 2)) * FRONT
    pushed = smoothstep(BLOOM_FROM, BLOOM_FULL, bloom) * BLOOM
    density: Plane = rim + pools + front - pushed + (0.5 - grain) * np.float32(GRAIN)
    return density


def _painted_on(rows: int, columns: int, seed: int) -> Plane:
    """1 where there is paint, 0 on the ragged unpainted margin."""
    x, y = coordinates(rows, columns)
    inside = np.minimum(np.minimum(x, columns - 1 - x), np.minimum(y, rows - 1 - y)) / rows
    ragged = inside + cloud(seed + 40, rows, columns, rows / 9, 5) * np.float32(RAGGED)
    return smoothstep(MARGIN, MARGIN + MARGIN_EDGE, ragged)


def _tooth(grain: Plane) -> Plane:
    """The light on the bumps of the paper."""
    across, down = gradient(grain)
    lit: Plane = np.clip(1 - (across + down) * np.float32(TOOTH), VALLEY, BUMP)
    return lit
