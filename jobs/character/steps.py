"""The steps of a portrait, their order, and how much of the bar each fills."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class Step(StrEnum):
    """What the painter is busy with; a portrait goes through four of these."""

    SKETCH = "Sketching"
    BACKGROUND = "Background"
    READ = "Reading the photo"
    DEVELOP = "Developing"
    PAINT = "Painting"
    FRAME = "Framing"


# How far the step is (0 to 1), and what is being done, in words for a person.
Watch: TypeAlias = Callable[[Step, float, str], None]

STEPS = 4

# The number of each step, and where on the bar (percent) it begins and ends: measured times at
# 768 pixels, with no step beginning before its even share of the bar.
PLACES = {
    Step.SKETCH: (1, 0.0, 40.0),
    Step.BACKGROUND: (2, 40.0, 50.0),
    Step.READ: (1, 0.0, 25.0),
    Step.DEVELOP: (2, 25.0, 50.0),
    Step.PAINT: (3, 50.0, 95.0),
    Step.FRAME: (4, 95.0, 100.0),
}


def number_of(step: Step) -> int:
    """Which of the four steps this is."""
    return PLACES[step][0]


def percent(step: Step, done: float) -> float:
    """How far the whole portrait is when this much (0 to 1) of the step is done."""
    _, begin, end = PLACES[step]
    return begin + (end - begin) * done
