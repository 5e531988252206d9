"""Scenes under the sky."""

from __future__ import annotations

import random

import numpy as np

from jobs.character.canvas import Picture, Plane, mix, smoothstep
from jobs.character.colour import rgb
from jobs.character.look import Palette
from jobs.character.scenes.paint import TURN, Paint, patch, shade, tint

# Ranges of hills one behind the other.
RANGES = 4

# How many stars are in a night, and how dark it is at its top.
STARS, DARK = 70, np.float32(0.35)

# Where the sky meets the sea, from the top.
HORIZON = 0.56


def hills(palette: Palette, chance: random.Random) -> Paint:
    """Hills that fade into the distance, and a low sun."""
    light, middle, deep = rgb(palette.light), rgb(palette.middle), rgb(palette.deep)
    accent = rgb(palette.accent)
    sun_x = chance.choice((0.16, 0.84))
    phases = [[chance.uniform(0, TURN) for _ in range(3)] for _ in range(RANGES)]

    def paint(x: Plane, y: Plane) -> Picture:
        picture = shade(mix(middle, light, 0.35), light, 0.0, 0.5, y)
        picture = _sun(picture, np.hypot(x - sun_x, y - 0.22), accent, mix(accent, light, 0.6))
        for number, waves in enumerate(phases):
            ridge = np.full_like(x, 0.46 + 0.13 * number)
            for octave, phase in enumerate(waves, start=1):
                ridge += 0.05 / octave * np.sin(x * TURN * 0.8 * octave + phase)
            hill = mix(mix(middle, light, 0.4), deep, 0.1 + 0.28 * number)
            lit = tint(hill, light, 0.25 * np.exp(-np.clip(y - ridge, 0, 1) / 0.05))
            picture = shade(picture, lit, 0, 0.004, y - ridge)
        return picture

    return paint


def night(palette: Palette, chance: random.Random) -> Paint:
    """Stars, a crescent moon and a dark ridge."""
    light, middle, deep = rgb(palette.light), rgb(palette.middle), rgb(palette.deep)
    places = [(chance.random(), chance.uniform(0, 0.8)) for _ in range(STARS)]
    radii = [chance.uniform(0.0012, 0.0042) for _ in range(STARS)]
    moon_x, phase = chance.choice((0.15, 0.85)), chance.uniform(0, TURN)

    def paint(x: Plane, y: Plane) -> Picture:
        sky = shade(deep * DARK, mix(deep, middle, 0.5), 0.0, 0.95, y)
        for at, radius in zip(places, radii, strict=True):
            here = patch(x, y, at, radius * 3)
            away = np.hypot(x[here] - at[0], y[here] - at[1]) / radius
            sky[here] = tint(sky[here], light, np.exp(-away * away))
        moon = np.hypot(x - moon_x, y - 0.17)
        sky = tint(sky, light, 0.35 * np.exp(-((moon / 0.16) ** 2)))
        bitten = smoothstep(0.062, 0.066, np.hypot(x - moon_x - 0.033, y - 0.155))
        sky = tint(sky, light, smoothstep(0.078, 0.074, moon) * bitten)
        ridge = 0.80 + 0.05 * np.sin(x * 5 + phase) + 0.02 * np.sin(x * 13 + 2 * phase)
        return shade(sky, deep * (DARK * 0.8), 0, 0.004, y - ridge)

    return paint


def sea(palette: Palette, chance: random.Random) -> Paint:
    """A sun over water, and its glitter."""
    light, middle, deep = rgb(palette.light), rgb(palette.middle), rgb(palette.deep)
    accent = rgb(palette.accent)
    sun_x, phase = chance.choice((0.2, 0.8)), chance.uniform(0, TURN)

    def paint(x: Plane, y: Plane) -> Picture:
        sky = shade(mix(middle, light, 0.2), mix(light, accent, 0.35), 0, HORIZON, y)
        sky = _sun(sky, np.hypot(x - sun_x, y - 0.40), accent, mix(light, accent, 0.25))
        depth = np.clip(y - HORIZON, 0, 1) / (1 - HORIZON)
        bend = np.sin(x * 9 / (0.02 + depth) ** 0.4 + phase) * 1.6
        wave = np.sin(depth**0.5 * 95 + bend)
        water = tint(mix(middle, light, 0.25), deep, depth**0.6)
        water = tint(water, light, smoothstep(0.72, 0.95, wave) * 0.35)
        shine = np.exp(-(((x - sun_x) / (0.05 + 0.16 * depth)) ** 2))
        glitter = shine * smoothstep(0.2, 0.7, wave) * 0.8
        water = tint(water, mix(light, accent, 0.3), glitter)
        return shade(sky, water, 0, 0.003, y - HORIZON)

    return paint


def _sun(sky: Picture, away: Plane, halo: Picture, disc: Picture) -> Picture:
    glowing = tint(sky, halo, 0.5 * np.exp(-((away / 0.21) ** 2)))
    return shade(glowing, disc, 0.090, 0.085, away)
