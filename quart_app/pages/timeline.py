"""A job's life as spans of time: what it was, how long, and where that lies in the whole.

Time in which nothing could happen, between an end and a retry, is left out. It knows no page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from headway.model.record import FINAL, JsonDict, seconds_of
from quart_app.pages.job_wording import step_line

# The newest spans of a job are shown; what is before them is one.
MOST_SPANS = 40
SMALLEST_PERCENT = 0.5  # a moment that passed can be seen


@dataclass(frozen=True, slots=True)
class Span:
    """One state or step; `start` and `end` are seconds of the job's own time."""

    key: int
    state: str
    label: str
    at: str
    start: float
    end: float
    lasts: bool

    @property
    def over(self) -> bool:
        """True for the end of an attempt: it takes no time."""
        return self.state in FINAL


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans in their order; `now` is the moment (RFC 3339) up to which the last one lasts."""

    spans: list[Span]
    now: str
    seconds: float

    def left(self, span: Span) -> float:
        """Where a span begins, in percent of the whole."""
        return round(min(self._percent(span.start), 100 - SMALLEST_PERCENT), 2)

    def width(self, span: Span) -> float:
        """How wide a span is, in percent of the whole."""
        return round(max(self._percent(span.end - span.start), SMALLEST_PERCENT), 2)

    def _percent(self, seconds: float) -> float:
        return 100 * seconds / self.seconds if self.seconds else 0.0


def timeline(moments: Sequence[JsonDict], now: str) -> Timeline:
    """The timeline of a job with these moments, as the API tells them."""
    spans = list(_spans(moments, now))
    return Timeline(_shortened(spans), now, spans[-1].end if spans else 0.0)


def _spans(moments: Sequence[JsonDict], now: str) -> Iterator[Span]:
    passed, attempt = 0.0, 1
    for moment, following in pairwise([*moments, None]):
        assert moment is not None
        until = following["at"] if following else now
        over = moment["status"] in FINAL
        seconds = 0.0 if over else max(0.0, seconds_of(until) - seconds_of(moment["at"]))
        yield Span(
            key=moment["seq"],
            state="stalled" if moment["stalled"] else moment["status"],
            label=_label(moment, begins=moment["attempt"] != attempt),
            at=moment["at"],
            start=passed,
            end=passed + seconds,
            lasts=following is None and not over,
        )
        passed, attempt = passed + seconds, moment["attempt"]


def _label(moment: JsonDict, *, begins: bool) -> str:
    words = str(moment["status"])
    if moment["stalled"]:
        words = "stalled"
    elif moment["status"] == "started":
        words = step_line(moment) or words
    return f"{words}, attempt {moment['attempt']}" if begins else words


def _shortened(spans: list[Span]) -> list[Span]:
    left_out = len(spans) - MOST_SPANS
    if left_out <= 0:
        return spans
    first, last = spans[0], spans[left_out]
    before = Span(
        first.key, "deferred", f"{left_out + 1} states and steps", first.at, 0.0, last.end, False
    )
    return [before, *spans[left_out + 1 :]]
