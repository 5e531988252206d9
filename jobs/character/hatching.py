"""Hatching: pencil strokes side by side, and as many of them as a tone asks for.

Pure functions; they know nothing of styles.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from jobs.character.canvas import Plane, Progress, bands, coordinates, smoothstep
from jobs.character.noise import cloud, white

# Each layer: its angle in degrees, and how dark (0 to 1) a place must be to be hatched by it.
LAYERS = ((-42.0, 0.10), (-58.0, 0.34), (28.0, 0.54), (-8.0, 0.76))

# Strokes along a side, and the length over which the hand presses evenly (a share of the side).
STROKES, EVEN = 170, 1 / 9

# How much the hand bends a stroke (radians), and wanders (of the distance between strokes).
BEND, WANDER = 0.10, 0.45

# Different pressures of the hand: for so many strokes, so many along each, and the least.
HANDS, PRESSES, LEAST_PRESSURE = 512, 64, 0.45

# A layer begins a little below its tone and is full above it; then the strokes touch.
BEFORE, AFTER = 0.12, 0.30
THINNEST, THICKEST, EDGE = 0.95, 0.10, 0.45


def strokes(rows: int, columns: int, angle: float, seed: int) -> Plane:
    """Strokes at an angle in degrees: 0 between them to 1 where the pencil pressed hardest."""
    x, y = coordinates(rows, columns)
    bend = cloud(seed + 100, rows, columns, rows / 2) * np.float32(BEND)
    turned = np.float32(math.radians(angle)) + bend
    towards, across = np.cos(turned), np.sin(turned)
    apart = rows / STROKES
    wander = cloud(seed + 101, rows, columns, rows / 14, 2) * np.float32(apart * WANDER)
    stroke = (y * towards - x * across + wander) / np.float32(apart)
    number = np.floor(stroke)
    ridge = (1 - np.cos((stroke - number) * np.float32(2 * math.pi))) / 2
    along = (x * towards + y * across) / np.float32(rows * EVEN)
    pressed = _pressure(number.astype(np.int32) % HANDS, along, seed)
    line: Plane = ridge * (LEAST_PRESSURE + (1 - LEAST_PRESSURE) * pressed)
    return line


def _pressure(stroke: NDArray[np.int32], along: Plane, seed: int) -> Plane:
    """How hard the pencil presses, 0 to 1, at this place along this stroke."""
    pressures = white(seed, HANDS, PRESSES)
    place = along + pressures[stroke, 0] * PRESSES
    begun = np.floor(place)
    number = begun.astype(np.int32)
    now, soon = pressures[stroke, number % PRESSES], pressures[stroke, (number + 1) % PRESSES]
    pressed: Plane = now + (soon - now) * smoothstep(0, 1, place - begun)
    return pressed


def hatch(lines: Plane, dark: Plane, since: float, progress: Progress) -> Plane:
    """The strokes where it is darker than `since`, wider and firmer the darker the place."""
    result = np.empty_like(dark)
    for band in bands(dark.shape[0], progress, "Hatching"):
        cover = smoothstep(since - BEFORE, since + AFTER, dark[band])
        threshold = THINNEST + (THICKEST - THINNEST) * cover
        result[band] = np.clip((lines[band] - threshold) / EDGE, 0, 1) * np.sqrt(cover)
    return result
