"""Scenes of light and of rooms."""

from __future__ import annotations

import math
import random

import numpy as np

from jobs.character.canvas import Picture, Plane, mix, smoothstep
from jobs.character.colour import rgb
from jobs.character.look import Palette
from jobs.character.scenes.paint import HEAD_X, HEAD_Y, TURN, Paint, from_head, patch, shade, tint

# How many lights are in the evening, and how dark it is around them.
DISCS, DUSK = 30, np.float32(0.6)

# Shelves one above the other, and what is left of their light in the corners; what stands on a
# shelf: edges and heights (0 to 1) and colours.
SHELVES, VIGNETTE = 5, np.float32(0.45)
Shelf = tuple[Plane, Plane, Picture]

# Widths of books (of the picture), heights (of the shelf), and how dark their colours are.
BOOK_WIDTHS, BOOK_HEIGHTS, BOOK_SHADES = (0.022, 0.055), (0.66, 0.92), (0.62, 0.95)


def glow(palette: Palette, chance: random.Random) -> Paint:
    """Light on a wall behind the head."""
    light, middle, deep = rgb(palette.light), rgb(palette.middle), rgb(palette.deep)
    phases = [chance.uniform(0, TURN) for _ in range(3)]

    def paint(x: Plane, y: Plane) -> Picture:
        distance = np.hypot(x - HEAD_X, (y - HEAD_Y) * 0.9)
        for turn, phase in enumerate(phases, start=1):
            distance = distance + 0.018 * np.sin((x * 3 + y * (4 - turn)) * turn * 2.2 + phase)
        wall = shade(light, middle, 0.12, 0.52, distance)
        return shade(wall, mix(wall, deep, 0.85), 0.42, 0.95, distance)

    return paint


def rays(palette: Palette, chance: random.Random) -> Paint:
    """Rays of two colours from behind the head."""
    light, middle, deep = rgb(palette.light), rgb(palette.middle), rgb(palette.deep)
    count, phase = chance.choice((9, 11, 13)), chance.uniform(0, TURN)

    def paint(x: Plane, y: Plane) -> Picture:
        distance = from_head(x, y)
        angle = np.arctan2(y - HEAD_Y - 0.1, x - HEAD_X)
        wave = np.sin(angle * count + phase) * distance * count
        pair = shade(middle, light, -0.06, 0.06, wave)
        return shade(pair, mix(pair, deep, 0.55), 0.35, 0.95, distance)

    return paint


def lights(palette: Palette, chance: random.Random) -> Paint:
    """Evening lights out of focus."""
    deep, middle = rgb(palette.deep), rgb(palette.middle)
    colours = [rgb(palette.light), rgb(palette.accent), middle]
    places = [(chance.random(), chance.random()) for _ in range(DISCS)]
    radii = [chance.uniform(0.03, 0.095) for _ in range(DISCS)]
    shines = [(chance.choice(colours), chance.uniform(0.18, 0.55)) for _ in range(DISCS)]

    def paint(x: Plane, y: Plane) -> Picture:
        evening = shade(mix(deep, middle, 0.55), deep * DUSK, 0.1, 0.8, from_head(x, y))
        for at, radius, (colour, strength) in zip(places, radii, shines, strict=True):
            here = patch(x, y, at, radius * 1.1)
            away = np.hypot(x[here] - at[0], y[here] - at[1]) / radius
            disc = smoothstep(1.06, 0.94, away) * (0.7 + 0.3 * np.minimum(away, 1) ** 4)
            evening[here] = tint(evening[here], colour, disc * strength)
        return evening

    return paint


def books(palette: Palette, chance: random.Random) -> Paint:
    """A wall of books."""
    shelves = [_shelf(palette, chance) for _ in range(SHELVES)]
    wood = mix(rgb(palette.deep), rgb("#5a3a22"), 0.6)
    gold = rgb(palette.accent)

    def paint(x: Plane, y: Plane) -> Picture:
        picture: Picture = np.empty((*x.shape, 3), np.float32)
        level = np.clip((y * SHELVES).astype(np.int32), 0, SHELVES - 1)
        up = 1 - (y * SHELVES - level)
        for number, shelf in enumerate(shelves):
            here = level == number
            spines = _spines(shelf, x[here], up[here], gold, wood * np.float32(0.42))
            picture[here] = shade(spines, wood, 0.085, 0.075, up[here])
        return shade(picture, picture * VIGNETTE, 0.2, 0.85, from_head(x, y))

    return paint


def _shelf(palette: Palette, chance: random.Random) -> Shelf:
    covers = [palette.middle, palette.deep, palette.accent, palette.light, "#6b4a35", "#39424e"]
    edges, heights, colours = [-BOOK_WIDTHS[0]], [], []
    while edges[-1] < 1:
        edges.append(edges[-1] + chance.uniform(*BOOK_WIDTHS))
        heights.append(chance.uniform(*BOOK_HEIGHTS))
        colours.append(rgb(chance.choice(covers)) * np.float32(chance.uniform(*BOOK_SHADES)))
    return np.array(edges, np.float32), np.array(heights, np.float32), np.array(colours, np.float32)


def _spines(shelf: Shelf, x: Plane, up: Plane, gold: Picture, shadow: Picture) -> Picture:
    """Round spines with a gold band each, and shadow above the books."""
    edges, heights, colours = shelf
    book = np.clip(np.searchsorted(edges, x) - 1, 0, len(heights) - 1)
    across = (x - edges[book]) / (edges[book + 1] - edges[book])
    spine: Picture = colours[book] * (0.62 + 0.5 * np.sin(across * math.pi) ** 0.7)[..., None]
    band = smoothstep(0.012, 0.006, np.abs(up - heights[book] * 0.82))
    spine = tint(spine, gold, band * 0.8)
    return shade(spine, shadow, -0.012, 0.012, up - heights[book])
