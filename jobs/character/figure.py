"""The figure: flat layers given volume, light, shadow and hair that lies in strands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.character.canvas import Picture, Plane, Progress, coordinates, sample, smoothstep
from jobs.character.drawing import Layer
from jobs.character.filters import blur, gradient
from jobs.character.noise import cloud

# Where the light comes from: left, above and in front (a unit vector; y runs downward).
LIGHT = (-0.45, -0.55, 0.70)

# What the light adds at its brightest and takes at its darkest, as factors per colour: sunlight
# is warm, and the shade is lit by a cool sky.
LIT = np.array([1.20, 1.14, 1.04], np.float32)
SHADED = np.array([0.62, 0.60, 0.70], np.float32)


@dataclass(frozen=True, slots=True)
class Matter:
    """How a layer takes light: how round it is, how far its shadow falls, how creased it is."""

    roundness: float
    shadow: float
    folds: float = 0.0
    strands: float = 0.0


# Volume: a layer swells towards its middle over these shares of the side, and by so much.
SWELL, SWELL_FINE, FINE_SHARE, HEIGHT = 0.055, 0.020, 0.5, 0.11

# How strongly a turned surface changes the light; the size of folds in cloth (of the side).
CONTRAST, FOLD = 1.3, 1 / 7

# Strands of hair fall from a point a little above the picture, so many of them; a sheen lies
# across them at this distance from there, so wide.
CROWN, STRANDS, STRENGTH = -0.03, 90, 0.32
SHEEN_AT, SHEEN_WIDTH, SHEEN, SHEEN_STRANDS = 0.25, 0.05, 0.25, 0.35

# A shadow falls down and, less far, to the right; so much of the light it takes.
ASIDE, TAKEN = 0.6, 0.75

# Where a figure's shoulders begin and are at their full width (from the top, of the side).
CHIN, SHOULDER = 0.60, 0.80

# `shadow` is in thousandths of the picture's side.
THOUSAND = 1000
MATTER = {
    "body": Matter(roundness=1.0, shadow=0),
    "clothes": Matter(roundness=0.8, shadow=10, folds=0.10),
    "face": Matter(roundness=0.0, shadow=0),
    "beard": Matter(roundness=0.7, shadow=6, strands=0.5),
    "hair": Matter(roundness=0.9, shadow=16, strands=1.0),
    "hat": Matter(roundness=0.8, shadow=14, folds=0.05),
    "glasses": Matter(roundness=0.15, shadow=8),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A person cut out: where it covers (0 to 1), and its colours, already times the cover."""

    colour: Picture
    cover: Plane

    def before(self, background: Picture) -> Picture:
        """The person in front of a background."""
        picture: Picture = background * (1 - self.cover[..., None]) + self.colour
        return np.clip(picture, 0, 1)


def model(layers: list[Layer], shoulders: float, seed: int, progress: Progress) -> Figure:
    """The layers lit and laid over each other; `shoulders` is their width (1 as drawn)."""
    size = layers[0].cover.shape[0]
    colour: Picture = np.zeros((size, size, 3), np.float32)
    cover: Plane = np.zeros((size, size), np.float32)
    for number, layer in enumerate(layers, start=1):
        matter = MATTER[layer.name]
        if matter.shadow:
            colour = colour * _shadow(layer.cover, matter.shadow * size / THOUSAND)
        above = layer.cover[..., None]
        colour = colour * (1 - above) + _lit(layer, matter, seed) * above
        cover = cover + (1 - cover) * layer.cover
        progress(number / (len(layers) + 1), f"Lighting the {layer.name}")
    figure = _with_shoulders(colour, cover, shoulders)
    progress(1, "Lighting the figure")
    return figure


def _lit(layer: Layer, matter: Matter, seed: int) -> Picture:
    if not matter.roundness:
        return layer.colour
    brightness = _brightness(layer.cover, matter, seed)
    if matter.strands:
        brightness = brightness + matter.strands * _strands(layer.cover.shape[0], seed)
    light = np.clip(brightness, 0, None)[..., None]
    dark = np.clip(brightness, None, 0)[..., None]
    lit = layer.colour * (1 + (LIT - 1) * light + (1 - SHADED) * dark)
    return np.clip(lit, 0, 1).astype(np.float32)


def _brightness(cover: Plane, matter: Matter, seed: int) -> Plane:
    """How much brighter (above 0) or darker each place of a swelling surface is."""
    size = cover.shape[0]
    height = blur(cover, size * SWELL) + FINE_SHARE * blur(cover, size * SWELL_FINE)
    if matter.folds:
        height = height + matter.folds * cloud(seed, size, size, size * FOLD, 2)
    across, down = gradient(height)
    steep = np.float32(size * HEIGHT * matter.roundness)
    x, y = across * steep, down * steep
    facing = (LIGHT[2] - x * LIGHT[0] - y * LIGHT[1]) / np.sqrt(x * x + y * y + 1)
    brighter: Plane = np.clip((facing - LIGHT[2]) * CONTRAST, -1, 1)
    return brighter


def _strands(size: int, seed: int) -> Plane:
    """Light and dark strands that fall from the crown, with a sheen across them."""
    x, y = coordinates(size, size)
    from_x, from_y = x / size - np.float32(0.5), y / size - np.float32(CROWN)
    angle = np.arctan2(from_x, from_y) / np.float32(np.pi) + np.float32(0.5)
    distance = np.hypot(from_x, from_y)
    pattern = cloud(seed + 5, size, size, size / STRANDS, 2)
    # Along a strand the pattern changes slowly, across it fast.
    fallen = sample(pattern, angle * (size - 1), distance * (size / 8))
    sheen = np.exp(-(((distance - SHEEN_AT) / SHEEN_WIDTH) ** 2))
    strands: Plane = fallen * STRENGTH + sheen * (SHEEN + SHEEN_STRANDS * fallen)
    return strands


def _shadow(cover: Plane, fall: float) -> Picture:
    """What is left of the light below a layer whose shadow falls `fall` pixels."""
    rows, columns = cover.shape
    x, y = coordinates(rows, columns)
    fallen = sample(blur(cover, fall), x - np.float32(fall * ASIDE), y - np.float32(fall))
    left: Picture = 1 - (1 - SHADED) * (fallen * TAKEN)[..., None]
    return left


def _with_shoulders(colour: Picture, cover: Plane, width: float) -> Figure:
    """The figure drawn out or in from the chin down, more and more until the shoulders."""
    rows, columns = cover.shape
    x, y = coordinates(rows, columns)
    factor = 1 + (1 / width - 1) * smoothstep(CHIN, SHOULDER, y / rows)
    from_x = columns / 2 + (x - columns / 2) * factor
    return Figure(sample(colour, from_x, y), sample(cover, from_x, y))
