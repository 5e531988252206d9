"""The picture of the last hour as paths for SVG, its words, and its rows as a table.

A bar a minute: in one drawing how many jobs ended, in the other how long they took, above a
line, and waited, below it. It knows no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headway.model.record import JsonDict
from quart_app.pages.wording import LEAST_SECONDS, count_of, duration, number

# In the drawing's own units, which are about pixels: the way from one bar to the next, and the
# room for them. Whole numbers, because the page that carries them is to be small.
PITCH = 4
HEIGHT = 48
ABOVE, BELOW = 40, 20
SMALLEST = 1  # what is not nothing can be seen

Bar = tuple[int, int]  # where it begins, and how far it goes down


@dataclass(frozen=True, slots=True)
class Picture:
    """Paths by what they show, two lines of words, and rows, newest first."""

    width: int
    paths: dict[str, str]
    ended: str
    times: str
    rows: list[JsonDict]


def draw(minutes: Sequence[JsonDict]) -> Picture:
    """The picture of these minutes, oldest first, as the API tells them."""
    return Picture(
        width=PITCH * len(minutes),
        paths=_ended_paths(minutes) | _times_paths(minutes),
        ended=_ended_line(minutes),
        times=_times_line(minutes),
        rows=[minute for minute in reversed(minutes) if _ended(minute)],
    )


def _ended(minute: JsonDict) -> int:
    return int(minute["finished"] + minute["failed"] + minute["stopped"])


def _ended_paths(minutes: Sequence[JsonDict]) -> dict[str, str]:
    most = max(map(_ended, minutes), default=0)
    stacked = {name: list[Bar]() for name in ("finished", "stopped", "failed")}
    for minute in minutes:
        top = HEIGHT
        for name, bars in stacked.items():
            height = _length(minute[name], most / HEIGHT)
            bars.append((top, -height))
            top -= height
    return {name: _path(bars) for name, bars in stacked.items()}


def _times_paths(minutes: Sequence[JsonDict]) -> dict[str, str]:
    took = [minute["median_seconds"] for minute in minutes]
    slow = [minute["p95_seconds"] for minute in minutes]
    waited = [minute["median_wait_seconds"] for minute in minutes]
    # One scale on both sides of the line, so that waiting can be compared with working.
    unit = max(_longest(slow) / ABOVE, _longest(waited) / BELOW)
    return {
        "slow": _path((ABOVE, -_length(seconds, unit)) for seconds in slow),
        "took": _path((ABOVE, -_length(seconds, unit)) for seconds in took),
        "waited": _path((ABOVE + 1, _length(seconds, unit)) for seconds in waited),
    }


def _longest(seconds: Iterable[float | None]) -> float:
    return max((each or 0 for each in seconds), default=0)


def _length(value: float | None, unit: float) -> int:
    return max(round(value / unit), SMALLEST) if value and unit else 0


def _path(bars: Iterable[Bar]) -> str:
    return "".join(
        f"M{place * PITCH + PITCH // 2} {top}v{length}"
        for place, (top, length) in enumerate(bars)
        if length
    )


def _ended_line(minutes: Sequence[JsonDict]) -> str:
    ended, most = sum(map(_ended, minutes)), max(map(_ended, minutes), default=0)
    if not ended:
        return "No jobs ended in the last hour"
    failed = sum(minute["failed"] for minute in minutes)
    parts = [
        f"{count_of(ended, 'job')} ended",
        f"{number(failed)} failed" if failed else "",
        f"up to {number(most)} a minute" if most > 1 else "",
    ]
    return ", ".join(filter(None, parts))


def _times_line(minutes: Sequence[JsonDict]) -> str:
    took = _range(minute["median_seconds"] for minute in minutes)
    waited = _range(minute["median_wait_seconds"] for minute in minutes)
    parts = [f"typically took {took}" if took else "", f"waited {waited}" if waited else ""]
    return ", ".join(filter(None, parts)).capitalize() or "No durations yet"


def _range(seconds: Iterable[float | None]) -> str:
    known = [each for each in seconds if each is not None]
    if not known:
        return ""
    low, high = duration(min(known)), duration(max(known))
    if low == high:
        return low
    return f"up to {high}" if min(known) < LEAST_SECONDS else f"{low} to {high}"
