"""The estimate of the time left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.workhorse.eta import Eta


def after(*reports: tuple[float | None, float]) -> float | None:
    """The estimate after these reports of (progress, at)."""
    eta, estimate = Eta(), None
    for progress, at in reports:
        estimate = eta.update(progress, at)
    return estimate


def test_a_steady_pace_is_continued() -> None:
    assert after(*((float(second), float(second)) for second in range(51))) == pytest.approx(50)


def test_there_is_no_estimate_from_nothing() -> None:
    assert after((0.0, 0.0)) is None
    assert after((0.0, 0.0), (50.0, 0.1)) is None
    assert after((0.0, 0.0), (0.5, 60.0)) is None
    assert after((10.0, 0.0), (10.0, 60.0)) is None


def test_a_progress_that_is_unknown_or_starts_over_forgets_the_pace() -> None:
    steady = [(float(second), float(second)) for second in range(50)]

    assert after(*steady, (None, 51.0)) is None
    assert after(*steady, (0.0, 51.0)) is None


def test_a_slower_pace_takes_over() -> None:
    quick = [(10.0 * second, float(second)) for second in range(6)]
    slow = [(50.0 + 0.1 * second, 5.0 + second) for second in range(1, 101)]

    assert after(*quick, *slow) == pytest.approx(400, rel=0.2)


def test_there_is_no_estimate_where_nothing_moves_any_more() -> None:
    steady = [(float(second), float(second)) for second in range(51)]
    standing = [(50.0, 50.0 + 60 * minute) for minute in range(1, 1_000)]

    assert after(*steady, *standing[:15]) is None
    assert after(*steady, *standing) is None


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1e6)), max_size=30))
def test_an_estimate_is_never_negative_nor_infinite(reports: list[tuple[float, float]]) -> None:
    estimate = after(*sorted(reports, key=lambda report: report[1]))

    assert estimate is None or 0 <= estimate < float("inf")
