"""The frame's length follows the load."""

from __future__ import annotations

from quart_app.live.pace import BUSY, CALM, LONGEST_SECONDS, SHORTEST_SECONDS, Pace


def test_frames_stretch_under_load_and_no_further_than_the_longest() -> None:
    pace = Pace()
    lengths = []
    for _ in range(50):
        pace.adapt(BUSY + 0.1)
        lengths.append(pace.seconds)

    assert lengths == sorted(lengths)
    assert lengths[0] > SHORTEST_SECONDS
    assert lengths[-1] == LONGEST_SECONDS


def test_frames_shrink_again_when_it_is_calm() -> None:
    pace = Pace()
    for _ in range(50):
        pace.adapt(1.0)
    for _ in range(50):
        pace.adapt(CALM - 0.1)

    assert pace.seconds == SHORTEST_SECONDS


def test_frames_stay_as_they_are_between_calm_and_busy() -> None:
    pace = Pace()
    pace.adapt(1.0)
    before = pace.seconds

    pace.adapt((BUSY + CALM) / 2)

    assert pace.seconds == before
