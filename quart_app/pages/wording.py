"""How pages word numbers, times and sizes; static/wording.js agrees. It knows no job."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from headway.model.record import dumps, safe_text

MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds
JUST_NOW_SECONDS = 10  # younger than this is "just now": a page that counts each second is restless
COARSE_SECONDS = 10  # below a minute ages go in steps of this many seconds
ROUGH_HOURS = 48  # more than this is roughly days
OLD_DAYS = 30  # older than this a date says more than a count of days
UNIT_STEP = 1024  # bytes in a KiB, KiB in a MiB
TENTHS_BELOW_SECONDS = 10  # shorter durations have one decimal
LEAST_SECONDS = 0.05  # less would be shown as nothing
SHOWN_CHARACTERS = 20_000  # of one value: many screens, and nothing for a browser
NB = "\u00a0"  # between a number and its unit: a line never ends there


def ago(moment: str | None) -> str:
    """A moment (RFC 3339) seen from now: `2 min ago`, `in 5 min`, or its date when long past."""
    if not moment:
        return ""
    then = datetime.fromisoformat(moment)
    seconds = (datetime.now(UTC) - then).total_seconds()
    if abs(seconds) < JUST_NOW_SECONDS:
        return "just now" if seconds >= 0 else "in a moment"
    if abs(seconds) > OLD_DAYS * DAY:
        return then.strftime("%Y-%m-%d")
    return f"{_coarse(seconds)} ago" if seconds > 0 else f"in {_coarse(_ahead(-seconds))}"


def _ahead(seconds: float) -> float:
    """Round the future to the nearest unit, and the past down."""
    units = ((MINUTE, COARSE_SECONDS), (HOUR, MINUTE), (DAY, HOUR))
    return seconds + next((unit for below, unit in units if seconds < below), DAY) / 2


def _coarse(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{int(seconds // COARSE_SECONDS * COARSE_SECONDS)}{NB}s"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)}{NB}min"
    if seconds < DAY:
        return f"{int(seconds // HOUR)}{NB}h"
    return f"{int(seconds // DAY)}{NB}d"


def exact(moment: str | None) -> str:
    """A moment to the second, in UTC: `2026-01-31 12:00:00 UTC`."""
    return f"{moment[:10]} {moment[11:19]} UTC" if moment else ""


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units: `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`."""
    if seconds is None:
        return ""
    if seconds < TENTHS_BELOW_SECONDS:
        return _short(seconds)
    whole = nearest(seconds)
    if whole < MINUTE:
        return f"{whole}{NB}s"
    if whole < HOUR:
        return _two(whole, MINUTE, "min", 1, "s")
    if whole < DAY:
        return _two(whole, HOUR, "h", MINUTE, "min")
    return _two(whole, DAY, "d", HOUR, "h")


def _short(seconds: float) -> str:
    if 0 < seconds < LEAST_SECONDS:
        return f"under 0.1{NB}s"
    return f"{_tenths(max(seconds, 0))}{NB}s"


def nearest(value: float) -> int:
    """The nearest whole number; of two the larger, as scripts round: `round` takes the even."""
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))


def _tenths(value: float) -> str:
    return str(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)).removesuffix(".0")


def roughly(seconds: float) -> str:
    """A guessed length of time, no finer than a guess can be: `12 s`, `3 min`, `2 h`, `3 d`."""
    whole = max(1, nearest(seconds))
    minutes, hours = nearest(whole / MINUTE), nearest(whole / HOUR)
    if whole < MINUTE:
        return f"{whole}{NB}s"
    if minutes * MINUTE < HOUR:
        return f"{minutes}{NB}min"
    return f"{hours}{NB}h" if hours <= ROUGH_HOURS else f"{nearest(whole / DAY)}{NB}d"


def _two(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    return f"{seconds // large}{NB}{large_name}" + (f" {rest}{NB}{small_name}" if rest else "")


def elapsed(start: str | None, end: str | None) -> str:
    """The time between two moments, or nothing when one is missing."""
    if not start or not end:
        return ""
    return duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def number(value: float) -> str:
    """A count with its thousands set apart: `1,204`, or a rate: `0.4`."""
    return f"{value:,}".removesuffix(".0")


def count_of(count: int, noun: str) -> str:
    """A count with its noun: `no jobs`, `1 job`, `1,204 jobs`."""
    return f"{number(count) if count else 'no'} {noun}{'' if count == 1 else 's'}"


def size(count: float) -> str:
    """Bytes in the largest unit that fits: `340 B`, `12 KiB`, `2.5 MiB`."""
    for unit in ("B", "KiB", "MiB"):
        if count < UNIT_STEP:
            return f"{_tenths(count)}{NB}{unit}"
        count /= UNIT_STEP
    return f"{_tenths(count)}{NB}GiB"


def pretty(value: Any) -> str:
    """Any JSON value as indented text; half a surrogate pair as JSON writes it."""
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False)
    except RecursionError:  # with an indent it is Python that goes down, and not as far
        text = dumps(value)
    return text.encode("utf-8", "backslashreplace").decode()


def beginning(value: Any) -> tuple[str, bool]:
    """(a JSON value as text, as much of it as a page bears; whether that is not all of it)."""
    text = safe_text(value, len(value)) if isinstance(value, str) else pretty(value)
    return text[:SHOWN_CHARACTERS], len(text) > SHOWN_CHARACTERS


def words(name: object) -> str:
    """A value of a choice as words: `comic_book` becomes `comic book`."""
    return str(name).replace("_", " ")


FILTERS = {
    function.__name__: function
    for function in (
        ago,
        exact,
        duration,
        number,
        count_of,
        size,
        pretty,
        beginning,
        words,
    )
}
