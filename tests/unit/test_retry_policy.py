"""What follows when an attempt ended."""

from __future__ import annotations

import time

import pytest

from headway.model.record import seconds_of
from headway.retry_policy import LONGEST_BACKOFF_SECONDS, due_at


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 2.0), (2, 4.0), (8, 256.0), (9, 300.0), (5000, 300.0)]
)
def test_each_pause_is_twice_the_last_up_to_the_longest(
    monkeypatch: pytest.MonkeyPatch, attempt: int, seconds: float
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)

    assert seconds_of(due_at(attempt)) == 1_000_000.0 + seconds <= 1e6 + LONGEST_BACKOFF_SECONDS
