"""A job's timeline: which spans its moments make, how long they are and where they lie."""

from __future__ import annotations

from typing import Any

from headway.model.record import as_time
from quart_app.pages.timeline import MOST_SPANS, timeline

BEGAN = 1_700_000_000.0


def moment(second: float, status: str, **fields: Any) -> dict[str, Any]:
    """What a job was from a second of its life on."""
    plain = {"attempt": 1, "step": None, "steps": None, "step_name": None, "stalled": False}
    named = {"seq": int(second * 10), "at": as_time(BEGAN + second), "status": status}
    return plain | named | fields


def test_each_span_lasts_until_the_next_and_the_last_one_until_now() -> None:
    moments = [
        moment(0, "queued"),
        moment(1, "started"),
        moment(2, "started", step=1, steps=2, step_name="Painting"),
    ]
    line = timeline(moments, as_time(BEGAN + 10))

    assert [(span.label, span.start, span.end) for span in line.spans] == [
        ("queued", 0, 1),
        ("started", 1, 2),
        ("Painting, step 1 of 2", 2, 10),
    ]
    assert [span.lasts for span in line.spans] == [False, False, True]
    assert [(line.left(span), line.width(span)) for span in line.spans] == [
        (0, 10),
        (10, 10),
        (20, 80),
    ]


def test_the_time_between_an_end_and_a_retry_is_left_out() -> None:
    moments = [
        moment(0, "queued"),
        moment(1, "started"),
        moment(4, "failed"),
        moment(5_000, "queued", attempt=2),
        moment(5_001, "started", attempt=2),
        moment(5_004, "finished", attempt=2),
    ]
    line = timeline(moments, as_time(BEGAN + 9_000))

    assert line.seconds == 8
    assert [span.over for span in line.spans] == [False, False, True, False, False, True]
    assert line.spans[3].label == "queued, attempt 2"
    assert not any(span.lasts for span in line.spans)


def test_a_silent_worker_is_a_span_of_its_own() -> None:
    moments = [
        moment(0, "started"),
        moment(2, "started", stalled=True),
        moment(6, "failed"),
    ]
    stalled = timeline(moments, as_time(BEGAN + 9)).spans[1]

    assert (stalled.state, stalled.label, stalled.end - stalled.start) == ("stalled", "stalled", 4)


def test_of_very_many_spans_the_newest_are_shown_and_the_rest_is_one() -> None:
    moments = [moment(second, "started", step=second) for second in range(MOST_SPANS + 10)]
    line = timeline(moments, as_time(BEGAN + MOST_SPANS + 10))

    assert len(line.spans) == MOST_SPANS
    first, second = line.spans[:2]
    assert (first.label, first.start, first.end) == ("11 states and steps", 0, 11)
    assert second.start == first.end
    assert line.spans[-1].lasts


def test_a_clock_that_went_back_makes_no_span_of_negative_length() -> None:
    line = timeline([moment(5, "queued"), moment(3, "started")], as_time(BEGAN + 1))

    assert [span.end - span.start for span in line.spans] == [0, 0]
    assert all(line.width(span) > 0 for span in line.spans)


def test_a_job_without_moments_has_an_empty_timeline() -> None:
    assert timeline([], as_time(BEGAN)).spans == []
