"""The frame's length follows the load."""

from __future__ import annotations

from quart_app.live.hub import BUSY, CALM, LONGEST_SECONDS, SHORTEST_SECONDS, FrameInterval


def test_frames_stretch_under_load_and_no_further_than_the_longest() -> None:
    interval = FrameInterval()
    lengths = []
    for _ in range(50):
        interval.adapt(BUSY + 0.1)
        lengths.append(interval.seconds)

    assert lengths == sorted(lengths)
    assert lengths[0] > SHORTEST_SECONDS
    assert lengths[-1] == LONGEST_SECONDS


def test_frames_shrink_again_when_it_is_calm() -> None:
    interval = FrameInterval()
    for _ in range(50):
        interval.adapt(1.0)
    for _ in range(50):
        interval.adapt(CALM - 0.1)

    assert interval.seconds == SHORTEST_SECONDS


def test_frames_stay_as_they_are_between_calm_and_busy() -> None:
    interval = FrameInterval()
    interval.adapt(1.0)
    before = interval.seconds

    interval.adapt((BUSY + CALM) / 2)

    assert interval.seconds == before
