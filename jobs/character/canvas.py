"""The canvas: what pictures are made of here, and the row bands in which they are worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# A plane is (rows, columns), a picture (rows, columns, 3) in sRGB; both run from 0 to 1, and are
# of 32 bits where there are many of them.
Plane: TypeAlias = NDArray[np.floating[Any]]
Picture: TypeAlias = NDArray[np.floating[Any]]

# How far the work is (0 to 1) and what is being done, in words for a person.
Progress: TypeAlias = Callable[[float, str], None]

# Rows worked on between two reports: a few milliseconds of work, so a bar that moves smoothly.
BAND_ROWS = 32

# A byte's largest value: what 1.0 becomes in a file.
WHITE = 255.0


def silent(done: float, doing: str) -> None:
    """Report nothing."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """The progress of one part of the work, which fills the whole from `start` to `stop`."""

    def report(done: float, doing: str) -> None:
        progress(start + (stop - start) * done, doing)

    return report


def bands(rows: int, progress: Progress, doing: str, tall: int = BAND_ROWS) -> Iterator[slice]:
    """The rows of a picture, band by band from the top; reports after each band is done."""
    for top in range(0, rows, tall):
        bottom = min(top + tall, rows)
        yield slice(top, bottom)
        progress(bottom / rows, f"{doing}: row {bottom} of {rows}")


def with_margin(array: Plane, margin: int) -> Plane:
    """The array with `margin` mirrored pixels more on every side: neighbours for a filter."""
    more = [(margin, margin), (margin, margin)] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, more, mode="symmetric")


def coordinates(rows: int, columns: int) -> tuple[Plane, Plane]:
    """The x and y of every pixel, in pixels."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return x, y


def sample(array: Plane, x: Plane, y: Plane) -> Plane:
    """What the plane or picture shows at these places (pixels, bilinear, clamped to the edge)."""
    rows, columns = array.shape[:2]
    x = np.clip(x, 0, columns - 1)
    y = np.clip(y, 0, rows - 1)
    left = np.minimum(x.astype(np.int32), columns - 2)
    top = np.minimum(y.astype(np.int32), rows - 2)
    across, down = x - left, y - top
    if array.ndim > across.ndim:
        across, down = across[..., None], down[..., None]
    flat = array.reshape(rows * columns, *array.shape[2:])
    corner = top * columns + left
    upper = flat[corner] * (1 - across) + flat[corner + 1] * across
    lower = flat[corner + columns] * (1 - across) + flat[corner + columns + 1] * across
    mixed: Plane = upper * (1 - down) + lower * down
    return mixed


def mix(under: Plane, over: Plane | float, amount: Plane | float) -> Plane:
    """`under` where the amount is 0, `over` where it is 1."""
    mixed: Plane = under + (over - under) * amount
    return mixed


def smoothstep(low: float, high: float, values: Plane) -> Plane:
    """0 below `low`, 1 above `high`, and an even curve between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    curve: Plane = t * t * (3 - 2 * t)
    return curve
