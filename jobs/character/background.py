"""The background: paints a scene in a palette's colours, in row bands."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from jobs.character.canvas import Picture, Progress, bands, coordinates
from jobs.character.look import Palette, Scene
from jobs.character.scenes import indoors, outdoors
from jobs.character.scenes.paint import Paint

SCENES: dict[Scene, Callable[[Palette, random.Random], Paint]] = {
    Scene.GLOW: indoors.glow,
    Scene.RAYS: indoors.rays,
    Scene.LIGHTS: indoors.lights,
    Scene.BOOKS: indoors.books,
    Scene.HILLS: outdoors.hills,
    Scene.NIGHT: outdoors.night,
    Scene.SEA: outdoors.sea,
}


def paint_background(
    scene: Scene, palette: Palette, size: int, seed: int, progress: Progress
) -> Picture:
    """The scene in these colours, `size` × `size` pixels; the same for the same seed."""
    paint = SCENES[scene](palette, random.Random(seed))
    x, y = coordinates(size, size)
    picture = np.empty((size, size, 3), np.float32)
    for band in bands(size, progress, f"Painting {scene.value}"):
        picture[band] = paint(x[band] / size, y[band] / size)
    return np.clip(picture, 0, 1)
