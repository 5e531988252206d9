"""Progress in RQ's `job.meta`."""

from __future__ import annotations

import math
from typing import Any

import pytest

from headway.broker.job_meta import progress_in


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        (0.25, (25.0, None)),
        (1.0, (100.0, None)),
        (1, (1.0, None)),
        (40, (40.0, None)),
        (250, (100.0, None)),
        ("40", (40.0, None)),
        ({"current": 3, "total": 4}, (75.0, None)),
        ({"current": 3, "total": 4, "message": "Resizing"}, (75.0, "Resizing")),
        ({"current": 30}, (30.0, None)),
    ],
)
def test_progress_is_understood_as_applications_write_it(said: Any, understood: Any) -> None:
    assert progress_in({"progress": said}) == understood


@pytest.mark.parametrize(
    "said", [None, "soon", True, math.nan, [], {}, {"current": 1, "total": 0}, {"current": "a"}]
)
def test_what_is_no_progress_moves_nothing(said: Any) -> None:
    assert progress_in({"progress": said}) is None
    assert progress_in(said) is None
