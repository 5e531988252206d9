"""How pages word lengths of time: in the unit that says most, ties upwards."""

from __future__ import annotations

import pytest

from quart_app.pages.panels import queue_line
from quart_app.pages.wording import duration, roughly, size

HOUR = 3600


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "1 s"),
        (2.5, "3 s"),
        (59.4, "59 s"),
        (59.5, "1 min"),
        (150, "3 min"),
        (3569, "59 min"),
        (3570, "1 h"),
        (1.5 * HOUR, "2 h"),
        (2.5 * HOUR, "3 h"),
        (48 * HOUR, "48 h"),
        (48.5 * HOUR, "2 d"),
        (60 * HOUR, "3 d"),
    ],
)
def test_a_guess_is_told_in_the_largest_unit_that_it_fills(seconds: float, told: str) -> None:
    assert roughly(seconds) == told.replace(" ", "\u00a0")


def test_ties_are_told_as_the_larger_number_as_the_script_of_the_page_does() -> None:
    queue = {"depth": 1, "started": 0, "oldest_wait_seconds": 2.5}
    told = [duration(0.25), duration(0.35), duration(12.5), size(1280), queue_line(queue)]

    assert [each.replace("\u00a0", " ") for each in told] == [
        "0.3 s", "0.3 s", "13 s", "1.3 KiB", "1 waiting, 0 started, oldest 3 s"
    ]  # fmt: skip
