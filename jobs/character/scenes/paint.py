"""What scenes are painted with: colours by place, soft edges, and patches of a band."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from jobs.character.canvas import Picture, Plane, mix, smoothstep

# The colours of a scene at these places, a band of rows; x and y run from 0 to 1, right and down.
Paint: TypeAlias = Callable[[Plane, Plane], Picture]

# Where the head is: light gathers behind it, and a sun or moon stays clear of it.
HEAD_X, HEAD_Y = 0.5, 0.42

TURN = 2 * math.pi


def from_head(x: Plane, y: Plane) -> Plane:
    """How far each place is from the middle of the head."""
    distance: Plane = np.hypot(x - HEAD_X, y - HEAD_Y)
    return distance


def shade(under: Picture, over: Picture, low: float, high: float, values: Plane) -> Picture:
    """`under` where the values are below `low`, `over` above `high`, softly between."""
    return mix(under, over, smoothstep(low, high, values)[..., None])


def tint(under: Picture, over: Picture, amount: Plane) -> Picture:
    """`over` on `under`, as much of it as the plane says."""
    return mix(under, over, amount[..., None])


def patch(x: Plane, y: Plane, at: tuple[float, float], reach: float) -> tuple[slice, slice]:
    """The rows and columns of the band that lie within reach of a point."""
    top, bottom = np.searchsorted(y[:, 0], (at[1] - reach, at[1] + reach))
    left, right = np.searchsorted(x[0], (at[0] - reach, at[0] + reach))
    return slice(top, bottom), slice(left, right)
