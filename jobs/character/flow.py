"""Flow: the directions in a picture that brush, pencil and pen follow.

Pure functions; they know nothing of styles.
"""

from __future__ import annotations

import numpy as np

from jobs.character.canvas import Plane, Progress, bands, coordinates, smoothstep
from jobs.character.filters import blur, gradient
from jobs.character.noise import cloud

# The wider of the two Gaussians whose difference finds lines, relative to the narrower.
WIDER = 1.6

# Swirls along a side, and how faint they are: weaker than any edge (squared change per pixel).
SWIRLS, FAINT = 4, np.float32(1e-5)

# From faint to full: how much darker than around it a place is where a pen draws.
FAINTEST, FIRM = 0.004, 0.020

# A line is drawn out to both sides by this many times its width.
DRAWN_OUT = 4


def tangents(bright: Plane, sigma: float, seed: int | None = None) -> tuple[Plane, Plane]:
    """The direction along the edges at each pixel, as x and y of a unit vector.

    Smoothed over `sigma` pixels. Where nothing leads, slow swirls made from `seed` do.
    """
    across, down = gradient(bright)
    xx = blur(across * across, sigma)
    yy = blur(down * down, sigma)
    xy = blur(across * down, sigma)
    if seed is not None:
        rows, columns = bright.shape
        angle = cloud(seed, rows, columns, rows / SWIRLS, 2) * np.float32(np.pi)
        xx = xx + FAINT * (1 + np.cos(angle))
        yy = yy + FAINT * (1 - np.cos(angle))
        xy = xy + FAINT * np.sin(angle)
    # The eigenvector of the structure tensor that crosses the least change.
    half = np.arctan2(2 * xy, xx - yy) / 2 + np.float32(np.pi / 2)
    return np.cos(half), np.sin(half)


def along(
    values: Plane, flow: tuple[Plane, Plane], steps: int, progress: Progress, doing: str
) -> Plane:
    """The mean of `values` (plane or picture) along the flow, `steps` pixels to both sides."""
    rows, columns = values.shape[:2]
    result = np.empty_like(values)
    x, y = coordinates(rows, columns)
    for band in bands(rows, progress, doing):
        total = values[band].copy()
        for sign in (1, -1):
            _walk(total, values, flow, (x[band], y[band]), (sign, steps))
        result[band] = total / (2 * steps + 1)
    return result


def _walk(
    total: Plane,
    values: Plane,
    flow: tuple[Plane, Plane],
    start: tuple[Plane, Plane],
    way: tuple[int, int],
) -> None:
    rows, columns = values.shape[:2]
    flat = values.reshape(rows * columns, *values.shape[2:])
    flow_x, flow_y = flow[0].ravel(), flow[1].ravel()
    x, y = start
    sign, steps = way
    here = np.rint(y).astype(np.int32) * columns + np.rint(x).astype(np.int32)
    step_x, step_y = flow_x[here] * sign, flow_y[here] * sign
    for _ in range(steps):
        x = np.clip(x + step_x, 0, columns - 1)
        y = np.clip(y + step_y, 0, rows - 1)
        here = np.rint(y).astype(np.int32) * columns + np.rint(x).astype(np.int32)
        total += flat[here]
        next_x, next_y = flow_x[here], flow_y[here]
        # A direction has no front: turn it so that the walk goes on instead of back.
        turn = np.where(next_x * step_x + next_y * step_y < 0, np.float32(-1), np.float32(1))
        step_x, step_y = next_x * turn, next_y * turn


def ink(
    bright: Plane, flow: tuple[Plane, Plane], width: float, progress: Progress, doing: str
) -> Plane:
    """Where a pen would draw, 0 to 1: the dark side of edges, drawn out along the flow.

    `width` is half the line's width in pixels (a flow-based difference of Gaussians).
    """
    edges = blur(bright, width) - blur(bright, width * WIDER)
    drawn = along(edges, flow, round(width * DRAWN_OUT), progress, doing)
    return smoothstep(FAINTEST, FIRM, -drawn)
