"""The years: what an age does to a face, to hair and to a figure."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.character.chance import Chance

# Ages in years at which a look changes: no longer a baby, a child, in one's prime.
CHILD_FROM, ADULT_FROM, OLD_FROM = 3, 15, 66

# A figure is a child's up to the first age and a grown-up's from the second.
SMALL_UNTIL, GROWN_FROM = 4, 17

# Hair greys and lines show from about the first age, and are complete at the second.
GREY_FROM, WHITE_FROM = 42, 76
LINES_FROM, LINES_UNTIL = 34, 84

# Beards grow from this age, and at most so many men wear one, of a hundred.
BEARD_FROM, BEARDED, OLD_BEARDED = 20, 0.45, 0.60

# Some grey earlier than others: by up to this many years.
GREY_SPREAD = 7

# Widths of shoulders, as drawn 1.
SHOULDERS = {"f": 0.93, "m": 1.05, "n": 0.99}
BABY_SHOULDERS = 0.74


@dataclass(frozen=True, slots=True)
class Years:
    """What the years did; every number from 0 (nothing) to 1 but the shoulders' width."""

    stage: str
    childlike: float
    lines: float
    grey: float
    bearded: float
    shoulders: float


def years_of(age: int, sex: str, chance: Chance) -> Years:
    """What an age in years does to this person."""
    childlike = 1 - _between(age, SMALL_UNTIL, GROWN_FROM)
    early = GREY_SPREAD * (2 * chance.number("early grey") - 1)
    return Years(
        stage=_stage(age),
        childlike=childlike,
        lines=_between(age, LINES_FROM, LINES_UNTIL),
        grey=_between(age, GREY_FROM - early, WHITE_FROM),
        bearded=_bearded(age) if sex == "m" else 0.0,
        shoulders=SHOULDERS[sex] + (BABY_SHOULDERS - SHOULDERS[sex]) * childlike,
    )


def _stage(age: int) -> str:
    if age < CHILD_FROM:
        return "baby"
    if age < ADULT_FROM:
        return "child"
    return "adult" if age < OLD_FROM else "old"


def _bearded(age: int) -> float:
    if age < BEARD_FROM:
        return 0.0
    return BEARDED if age < OLD_FROM else OLD_BEARDED


def _between(age: float, low: float, high: float) -> float:
    return min(max((age - low) / (high - low), 0.0), 1.0)
