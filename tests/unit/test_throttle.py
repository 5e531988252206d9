"""How often a running job writes its reports."""

from __future__ import annotations

import pytest

from headway.workhorse.throttle import Throttle


@pytest.mark.parametrize(
    ("took", "due"),
    [(0.0, 100.1), (0.001, 100.1), (0.01, 100.5), (0.1, 101.0)],
    ids=["the window", "still the window", "a rest of fifty writes", "no rest beyond the pause"],
)
def test_a_write_is_followed_by_a_rest(took: float, due: float) -> None:
    assert Throttle().after_write(100.0, 100.0 + took) == pytest.approx(due)


def test_a_failed_write_is_followed_by_the_pause() -> None:
    assert Throttle(pause_seconds=3.0).after_failure(100.0) == 103.0
