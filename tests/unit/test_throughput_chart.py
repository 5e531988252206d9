"""The picture of the last hour: what its bars and its words say of the minutes."""

from __future__ import annotations

import re
from typing import Any

from quart_app.pages.throughput_chart import ABOVE, BELOW, HEIGHT, PITCH, draw

Minute = dict[str, Any]


def minute(number: int = 0, **told: Any) -> Minute:
    """A minute in which nothing ended, but for what is told."""
    times = dict.fromkeys(("median_seconds", "p95_seconds", "median_wait_seconds"))
    quiet = {"finished": 0, "failed": 0, "stopped": 0} | times
    return {"minute": f"2026-01-31T12:{number:02d}:00.000000Z"} | quiet | told


def bars(path: str) -> list[tuple[int, int, int]]:
    """Each bar: how far to the right, where it begins, how far it goes down."""
    found = re.findall(r"M(\d+) (\d+)v(-?\d+)", path)
    return [(int(right), int(top), int(length)) for right, top, length in found]


def test_what_ended_badly_stands_on_what_ended_well() -> None:
    picture = draw([minute(), minute(1, finished=6, stopped=1, failed=1), minute(2, finished=4)])

    middle = PITCH + PITCH // 2
    assert bars(picture.paths["finished"]) == [(middle, 48, -36), (middle + PITCH, 48, -24)]
    assert bars(picture.paths["stopped"]) == [(middle, 12, -6)]
    assert bars(picture.paths["failed"]) == [(middle, 6, -6)]
    assert picture.ended == "12 jobs ended, 1 failed, up to 8 a minute"


def test_one_failure_among_thousands_can_be_seen() -> None:
    picture = draw([minute(finished=100_000, failed=1)])

    ((_, _, height),) = bars(picture.paths["failed"])
    assert height == -1


def test_working_and_waiting_have_one_scale_and_neither_leaves_its_room() -> None:
    told = {"finished": 1, "median_seconds": 10, "p95_seconds": 20}
    quick = draw([minute(median_wait_seconds=2, **told)])
    slow = draw([minute(median_wait_seconds=100, **told)])

    assert bars(quick.paths["slow"])[0][2] == -ABOVE
    assert bars(quick.paths["took"])[0][2] == -ABOVE // 2
    assert bars(quick.paths["waited"])[0][2] == 4
    assert bars(slow.paths["waited"])[0][2] == BELOW
    assert bars(slow.paths["took"])[0][2] == -2
    assert slow.times == "Typically took 10\u00a0s, waited 1\u00a0min 40\u00a0s"


def test_what_took_next_to_nothing_is_no_end_of_a_range() -> None:
    picture = draw([minute(median_seconds=0.01), minute(1, median_seconds=0.1)])

    assert picture.times == "Typically took up to 0.1\u00a0s"


def test_a_quiet_hour_has_no_bars_and_says_so() -> None:
    picture = draw([minute(number) for number in range(60)])

    assert set(picture.paths.values()) == {""}
    assert (picture.ended, picture.times) == (
        "No jobs ended in the last hour",
        "No durations yet",
    )
    assert picture.rows == []
    assert picture.width == 60 * PITCH
    assert HEIGHT > 0


def test_the_table_has_the_minutes_in_which_something_ended_newest_first() -> None:
    minutes = [minute(number, finished=number % 2) for number in range(5)]

    assert [row["minute"][14:16] for row in draw(minutes).rows] == ["03", "01"]
