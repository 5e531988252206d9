"""Filters: blurs, edges and edge-preserving smoothing of planes and pictures.

Pure functions; they know nothing of styles.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from jobs.character.canvas import BAND_ROWS, Picture, Plane, Progress, bands, with_margin

# A Gaussian is cut off at this many standard deviations: what lies beyond is under 1 %.
REACH = 2.6

# A blur wider than this (standard deviation, pixels) is done on a shrunken plane: the eye cannot
# tell, and the cost no longer grows with the width.
WIDE_BLUR = 5.0

# Bands of a filter that needs a margin: fewer and taller, or most of the work is margin.
TALL_BANDS = 8

# How bright red, green and blue look (ITU-R BT.601).
LUMA = (0.299, 0.587, 0.114)


def luma(picture: Picture) -> Plane:
    """How bright each pixel looks."""
    red, green, blue = LUMA
    bright: Plane = picture[..., 0] * red + picture[..., 1] * green + picture[..., 2] * blue
    return bright


def resize(array: Plane, rows: int, columns: int, how: Image.Resampling) -> Plane:
    """The plane or picture at another size."""
    planes = array[..., None] if array.ndim == 2 else array  # noqa: PLR2004 - a plane has two axes
    resized = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(planes[..., k])).resize((columns, rows), how)
        )
        for k in range(planes.shape[2])
    ]
    return resized[0] if array.ndim < planes.ndim else np.stack(resized, axis=-1)


def blur(array: Plane, sigma: float) -> Plane:
    """A Gaussian blur; `sigma` is the standard deviation in pixels."""
    if sigma <= WIDE_BLUR:
        return _blur_exactly(array, sigma)
    rows, columns = array.shape[:2]
    shrink = sigma / WIDE_BLUR * 2
    small = resize(
        array,
        max(2, round(rows / shrink)),
        max(2, round(columns / shrink)),
        Image.Resampling.BILINEAR,
    )
    blurred = _blur_exactly(small, sigma * small.shape[0] / rows)
    return resize(blurred, rows, columns, Image.Resampling.BICUBIC)


def _blur_exactly(array: Plane, sigma: float) -> Plane:
    reach = max(1, math.ceil(sigma * REACH))
    weights = [math.exp(-(k * k) / (2 * sigma * sigma)) for k in range(reach + 1)]
    total = weights[0] + 2 * sum(weights[1:])
    for axis in (0, 1):
        array = _convolve(array, [weight / total for weight in weights], axis)
    return array


def _convolve(array: Plane, weights: list[float], axis: int) -> Plane:
    reach, length = len(weights) - 1, array.shape[axis]
    more = [(reach, reach) if k == axis else (0, 0) for k in range(array.ndim)]
    wide = np.moveaxis(np.pad(array, more, mode="symmetric"), axis, 0)
    result = wide[reach : reach + length] * np.float32(weights[0])
    for k in range(1, reach + 1):
        pair = wide[reach - k : reach - k + length] + wide[reach + k : reach + k + length]
        result += pair * np.float32(weights[k])
    return np.moveaxis(result, 0, axis)


def box_mean(array: Plane, radius: int) -> Plane:
    """The mean of the square of side 2·radius+1 around each pixel."""
    for axis in (0, 1):
        length = array.shape[axis]
        more = [(radius + 1, radius) if k == axis else (0, 0) for k in range(array.ndim)]
        wide = np.moveaxis(np.pad(array, more, mode="symmetric"), axis, 0)
        sums = np.cumsum(wide, axis=0, dtype=np.float64)
        window = sums[2 * radius + 1 : 2 * radius + 1 + length] - sums[:length]
        array = np.moveaxis((window / (2 * radius + 1)).astype(np.float32), 0, axis)
    return array


def guided(array: Plane, radius: int, tolerance: float) -> Plane:
    """Smooth inside areas, not across edges (He et al.'s guided filter, guided by itself).

    `tolerance` is the contrast (0 to 1) below which a difference counts as texture.
    """
    mean = box_mean(array, radius)
    variance = box_mean(array * array, radius) - mean * mean
    slope = variance / (variance + np.float32(tolerance * tolerance))
    offset = mean - slope * mean
    smooth: Plane = box_mean(slope, radius) * array + box_mean(offset, radius)
    return smooth


def in_bands(
    picture: Picture,
    work: Callable[[Picture], Picture],
    margin: int,
    progress: Progress,
    doing: str,
) -> Picture:
    """A filter that looks no farther than `margin` rows, done band by band; reports after each."""
    rows = picture.shape[0]
    result = np.empty_like(picture)
    for band in bands(rows, progress, doing, max(BAND_ROWS, rows // TALL_BANDS)):
        top, bottom = max(0, band.start - margin), min(rows, band.stop + margin)
        done = work(picture[top:bottom])
        result[band] = done[band.start - top : band.stop - top]
    return result


def gradient(plane: Plane) -> tuple[Plane, Plane]:
    """The change to the right and downward, per pixel (Sobel)."""
    wide = with_margin(plane, 1)
    across = (wide[:, 2:] - wide[:, :-2]) / 8
    down = (wide[2:] - wide[:-2]) / 8
    return (
        across[:-2] + 2 * across[1:-1] + across[2:],
        down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:],
    )
