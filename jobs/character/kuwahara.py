"""The Kuwahara filter: areas become dabs of one colour, edges stay edges.

A pure function.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from jobs.character.canvas import Picture, Plane, Progress, bands, with_margin
from jobs.character.filters import LUMA, luma

# The pixels of a sector: rows down, columns across, and their share of the mean.
Sector: TypeAlias = list[tuple[int, int, np.float32]]

# The eight sectors around a pixel overlap by this much (the width of a Gaussian, in radians).
SECTORS, OVERLAP = 8, 0.36

# A pixel with a smaller share of a sector than this is left out.
NOTICEABLE = 0.02

# How decidedly the calmest sector wins: at 8 (the power of the deviation) edges stay crisp.
DECISION = 4

# The variance of brightness (0 to 1) that an eye just notices: a deviation of 3 %.
NOTICED = 0.001


def kuwahara(picture: Picture, radius: int, progress: Progress, doing: str) -> Picture:
    """Each pixel becomes the mean of the calmest of the eight sectors around it.

    The generalised filter (Papari): sectors overlap softly and the calmer weigh more.
    """
    rows, columns = picture.shape[:2]
    bright = luma(picture)
    values = np.dstack([picture, bright * bright]).astype(np.float32)
    wide = with_margin(values, radius)
    sectors = _sectors(radius)
    result = np.empty_like(picture)
    for band in bands(rows, progress, doing):
        height = band.stop - band.start
        total = np.zeros((height, columns, 3), np.float32)
        weight = np.zeros((height, columns, 1), np.float32)
        for sector in sectors:
            mean = _mean(wide, sector, band, radius)
            calm = 1 / (1 + _restlessness(mean) ** DECISION)
            total += mean[..., :3] * calm
            weight += calm
        result[band] = total / weight
    return result


def _mean(wide: Plane, sector: Sector, band: slice, radius: int) -> Plane:
    """The mean of a sector's pixels around every pixel of the band."""
    height, columns = band.stop - band.start, wide.shape[1] - 2 * radius
    mean = np.zeros((height, columns, wide.shape[2]), np.float32)
    for down, across, share in sector:
        top, left = band.start + radius + down, radius + across
        mean += wide[top : top + height, left : left + columns] * share
    return mean


def _restlessness(mean: Plane) -> Plane:
    """The variance of brightness in a sector, as so many times what an eye just notices."""
    red, green, blue = LUMA
    bright = mean[..., 0] * red + mean[..., 1] * green + mean[..., 2] * blue
    variance: Plane = np.maximum(mean[..., 3] - bright * bright, 0)[..., None]
    return variance * np.float32(1 / NOTICED)


def _sectors(radius: int) -> list[Sector]:
    """For each sector its pixels: rows down, columns across, and their share of the mean."""
    sectors = []
    for number in range(SECTORS):
        towards = number * 2 * math.pi / SECTORS
        pixels = []
        for down in range(-radius, radius + 1):
            for across in range(-radius, radius + 1):
                distance = math.hypot(down, across)
                if distance > radius + 0.3:
                    continue
                off = math.remainder(math.atan2(down, across) - towards, 2 * math.pi)
                near = math.exp(-((distance / radius) ** 2))
                share = near * math.exp(-((off / OVERLAP) ** 2) / 2) if distance else 1 / SECTORS
                if share > NOTICEABLE:
                    pixels.append((down, across, share))
        total = sum(share for *_, share in pixels)
        sectors.append([(d, a, np.float32(share / total)) for d, a, share in pixels])
    return sectors
