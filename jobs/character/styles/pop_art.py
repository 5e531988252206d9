"""Pop art: bold colours printed in dots, screen over screen, under thick black outlines.

A pure function of a picture and a seed.
"""

from __future__ import annotations

import math

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
from jobs.character.colour import saturate
from jobs.character.filters import luma
from jobs.character.flow import ink, tangents
from jobs.character.kuwahara import kuwahara

PAPER = np.array([0.985, 0.965, 0.905], np.float32)

# The printing inks, what each leaves of red, green and blue, and the angle of its screen in
# degrees (the printer's classic angles: no two screens make a moiré).
INKS = (
    (np.array([0.00, 0.62, 0.90], np.float32), 15.0),
    (np.array([0.93, 0.08, 0.50], np.float32), 75.0),
    (np.array([1.00, 0.88, 0.05], np.float32), 0.0),
)
BLACK = np.array([0.07, 0.06, 0.09], np.float32)

# Dots along the side of the picture.
DOTS = 80

# Tones of each ink besides none: dots lie between one tone and the next, so that a brown is a
# brown with dots and not black dots on red.
TONES = 2

# How much purer than in life the colours are, and which amounts of light print as solid and none.
VIVID, SOLID, NONE = 1.3, 0.02, 0.90

# Less than 1 opens the shadows: dark skin and hair keep their dots.
SHADOWS = 0.8

# Shares of the side: the reach of the stencil's smoothing, of the outlines' direction, and half
# the width of an outline.
STENCIL, DIRECTION, OUTLINE = 1 / 150, 1 / 180, 1 / 300

# How soft the edge of a dot is, in pixels.
SOFT = 0.8


def paint(picture: Picture, seed: int, progress: Progress) -> Picture:
    """The picture as a print in dots; chance has no part in it."""
    rows, columns = picture.shape[:2]
    reach = max(2, round(rows * STENCIL))
    calm = kuwahara(picture, reach, part(progress, 0.0, 0.25), "Cutting stencils")
    bold = smoothstep(SOLID, NONE, saturate(calm**SHADOWS, VIVID))
    bright = luma(calm)
    flow = tangents(bright, rows * DIRECTION)
    lines = ink(bright, flow, rows * OUTLINE, part(progress, 0.25, 0.5), "Inking outlines")
    x, y = coordinates(rows, columns)
    printed = np.empty_like(picture)
    for band in bands(rows, part(progress, 0.5, 1.0), "Printing dots"):
        sheet: Picture = np.broadcast_to(PAPER, bold[band].shape)
        for number, (pigment, angle) in enumerate(INKS):
            screen = _screen(x[band], y[band], angle, rows / DOTS)
            amount = _printed(1 - bold[band][..., number], screen, SOFT * DOTS / rows)
            sheet = sheet * (1 - (1 - pigment) * amount[..., None])
        printed[band] = mix(sheet, BLACK, lines[band][..., None])
    return np.clip(printed, 0, 1)


def _screen(x: Plane, y: Plane, angle: float, pitch: float) -> Plane:
    """A turned grid of hills `pitch` pixels apart, 0 in the valleys to 1 on the tops."""
    turned = np.float32(math.radians(angle))
    around = np.float32(2 * math.pi / pitch)
    u = (x * np.cos(turned) + y * np.sin(turned)) * around
    v = (y * np.cos(turned) - x * np.sin(turned)) * around
    hills: Plane = (np.cos(u) + np.cos(v)) / 4 + np.float32(0.5)
    return hills


def _printed(amount: Plane, screen: Plane, soft: float) -> Plane:
    """How much ink lies where: whole tones, and dots of the next tone as large as need be."""
    level = amount * TONES
    whole = np.floor(level)
    share = level - whole
    dots = smoothstep(-soft, soft, screen - (1 - share)) * (share > 0)
    tones: Plane = (whole + dots) / TONES
    return tones
