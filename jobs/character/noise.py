"""Noise: the grain of paper, canvas and pigment, the same for the same seed.

Pure functions; they know nothing of styles.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from jobs.character.canvas import Plane
from jobs.character.filters import blur, resize

# Each octave of fractal noise is this much weaker than the one before.
FADE = 0.5


def white(seed: int, rows: int, columns: int) -> Plane:
    """Independent values from 0 to 1."""
    return np.random.default_rng(seed).random((rows, columns), dtype=np.float32)


def cloud(seed: int, rows: int, columns: int, cell: float, octaves: int = 1) -> Plane:
    """Smooth noise around 0, about -1 to 1, with features of `cell` pixels and finer octaves."""
    total = np.zeros((rows, columns), np.float32)
    strength = 1.0
    for octave in range(octaves):
        down = max(2, round(rows / cell) + 1)
        across = max(2, round(columns / cell) + 1)
        grid = white(seed + octave, down, across) * 2 - 1
        total += strength * resize(grid, rows, columns, Image.Resampling.BICUBIC)
        strength *= FADE
        cell = max(1.0, cell / 2)
    return total


def paper(seed: int, rows: int, columns: int, coarse: float) -> Plane:
    """The height of cold-pressed paper, 0 to 1, with bumps of about `coarse` pixels."""
    fine = blur(white(seed, rows, columns), coarse / 3)
    rough = blur(white(seed + 1, rows, columns), coarse)
    height = _even(fine) * FADE + _even(rough)
    return np.clip(0.5 + height / 5, 0, 1)


def _even(plane: Plane) -> Plane:
    spread: Plane = (plane - plane.mean()) / plane.std()
    return spread
