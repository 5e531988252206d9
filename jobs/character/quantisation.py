"""Quantisation: the few colours that say most of a picture, and the nearest of them per pixel.

Pure functions; they know nothing of styles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.character.canvas import Picture, Plane, Progress

# Pixels looked at to choose the colours: enough for every area that an eye would name.
SAMPLE = 6000

# How much more a difference of hue counts than one of lightness: small things (an iris, a lip)
# are told by their hue, and shading must not use up the colours.
HUE_WEIGHT = 3.0

# Rounds of k-means: the colours move less than a shade after that.
ROUNDS = 10


def palette_of(lab: Picture, count: int, seed: int, progress: Progress) -> Picture:
    """`count` colours (Oklab) that are nearest to the pixels of a picture (k-means++)."""
    chance = np.random.default_rng(seed)
    pixels = lab.reshape(-1, 3)
    pixels = pixels[chance.choice(len(pixels), min(SAMPLE, len(pixels)), replace=False)]
    colours = _spread(pixels, count, chance)
    for turn in range(1, ROUNDS + 1):
        which = nearest(pixels[None], colours)[0]
        for number in range(count):
            mine = pixels[which == number]
            if len(mine):
                colours[number] = mine.mean(axis=0)
        progress(turn / ROUNDS, "Choosing colours")
    return colours


def _spread(pixels: Picture, count: int, chance: np.random.Generator) -> Picture:
    """Colours to begin with: each next one is likely far from those before."""
    colours = [pixels[chance.integers(len(pixels))]]
    away = _distance(pixels.T, colours[0])
    for _ in range(count - 1):
        sums = np.cumsum(away, dtype=np.float64)
        colours.append(
            pixels[min(int(np.searchsorted(sums, chance.random() * sums[-1])), len(pixels) - 1)]
        )
        away = np.minimum(away, _distance(pixels.T, colours[-1]))
    return np.array(colours, np.float32)


def nearest(lab: Picture, colours: Picture) -> NDArray[np.intp]:
    """The number of the nearest colour for every pixel."""
    # Three planes of their own are read twice as fast as every third value of a picture.
    planes = [np.ascontiguousarray(lab[..., k]) for k in range(3)]
    best = np.full(lab.shape[:-1], np.inf, np.float32)
    which = np.zeros(lab.shape[:-1], np.intp)
    for number, colour in enumerate(colours):
        distance = _distance(planes, colour)
        closer = distance < best
        np.copyto(best, distance, where=closer)
        np.copyto(which, number, where=closer)
    return which


def _distance(lab: Sequence[Plane] | Picture, colour: Picture) -> Plane:
    """How unlike a colour the pixels are, squared."""
    green_red = lab[1] - colour[1]
    blue_yellow = lab[2] - colour[2]
    hue: Plane = green_red * green_red
    hue += blue_yellow * blue_yellow
    lightness = lab[0] - colour[0]
    hue *= np.float32(HUE_WEIGHT)
    hue += lightness * lightness
    return hue
