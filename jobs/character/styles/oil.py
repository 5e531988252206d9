"""Oil paint: a Kuwahara filter makes the dabs, the flow of the picture draws the brush strokes.

A pure function of a picture and a seed.
"""

from __future__ import annotations

import numpy as np

from jobs.character.canvas import Picture, Plane, Progress, part
from jobs.character.colour import saturate
from jobs.character.filters import blur, gradient, luma
from jobs.character.flow import along, tangents
from jobs.character.kuwahara import kuwahara
from jobs.character.noise import cloud, paper, white

# Lengths as shares of the picture's side: the reach of a dab (6 pixels at 768), the width of a
# stroke and its length, how far wet paint is dragged, and a bristle's mark.
DAB, WIDTH, LENGTH, DRAG, MARK = 1 / 128, 1 / 130, 1 / 48, 1 / 130, 1 / 55

# The brush follows forms of this size (a share of the side).
FORM = 1 / 190

# Oil is purer in colour than life; from stroke to stroke it is this much lighter and warmer.
VIVID = 1.18
WARMER = np.array([0.030, 0.016, -0.010], np.float32)

# The height of the paint: bright paint lies thick, then come bristles, strokes and the canvas.
THICK, BRISTLES, STROKES, WEAVE = 3.0, 0.16, 0.10, 0.5

# The weave of the canvas in pixels.
THREAD = 1.6

# How much the slopes of the paint shade it, at most how dark and how light; beyond GLOSS the
# varnish shines.
SLOPE, DARKEST, LIGHTEST, GLOSS, SHINE = 0.32, -0.16, 0.20, 0.07, 0.25


def paint(picture: Picture, seed: int, progress: Progress) -> Picture:
    """The picture as an oil painting on canvas."""
    rows, columns = picture.shape[:2]
    flow = tangents(luma(picture), rows * FORM, seed)
    progress(0.06, "Following the forms")
    reach = max(2, round(rows * DAB))
    dabs = kuwahara(picture, reach, part(progress, 0.06, 0.55), "Laying down paint")
    dragged = _drawn(dabs, flow, DRAG, part(progress, 0.55, 0.72), "Dragging the brush")
    broad = cloud(seed + 1, rows, columns, rows * WIDTH)
    strokes = _drawn(broad, flow, LENGTH, part(progress, 0.72, 0.84), "Loading the brush")
    hairs = blur(white(seed + 2, rows, columns), 1) - np.float32(0.5)
    bristles = _drawn(hairs, flow, MARK, part(progress, 0.84, 0.96), "Leaving bristle marks")
    strokes, bristles = strokes / strokes.std(), bristles / bristles.std()
    colour = np.clip(saturate(dragged, VIVID) + strokes[..., None] * WARMER, 0, 1)
    canvas = paper(seed + 3, rows, columns, THREAD)
    height = blur(luma(colour), 1) * THICK
    height = height + bristles * BRISTLES + strokes * STROKES + canvas * WEAVE
    painted = _varnished(colour, height)
    progress(1, "Varnishing")
    return painted


def _drawn(
    values: Plane, flow: tuple[Plane, Plane], length: float, progress: Progress, doing: str
) -> Plane:
    steps = max(2, round(values.shape[0] * length))
    return along(values, flow, steps, progress, doing)


def _varnished(picture: Picture, height: Plane) -> Picture:
    """Light from the upper left on the ridges of the paint."""
    across, down = gradient(height)
    light = np.clip((across + down) * -SLOPE, DARKEST, LIGHTEST)[..., None]
    shine = np.clip(light - GLOSS, 0, 1) * SHINE
    varnished: Picture = np.clip(picture * (1 + light) + shine, 0, 1).astype(np.float32)
    return varnished
