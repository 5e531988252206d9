"""Bars of tqdm and rich report, over the job's bar or within its step, and draw as they did."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator

import pytest
from rich.console import Console

from headway import report
from headway.rich import Progress, track
from headway.tqdm import tqdm, trange
from tests.unit.test_progress import Noting


@pytest.fixture
def noting() -> Iterator[Noting]:
    """A listener while a job runs."""
    listener = Noting(report)
    report.bind(listener)
    yield listener
    report.release()


@pytest.fixture
def console() -> Console:
    """A terminal for rich, which no person looks at."""
    return Console(file=io.StringIO())


# All that tqdm would hold back to draw less often.
AT_ONCE = {"mininterval": 0, "miniters": 1}


def test_a_bar_of_tqdm_reports_each_item_and_is_drawn(
    noting: Noting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(tqdm("abcd", desc="Reading", **AT_ONCE)) == list("abcd")

    assert list(dict.fromkeys(noting.said)) == [
        (progress, "Reading") for progress in (0, 25, 50, 75, 100)
    ]
    assert "Reading: 100%" in capsys.readouterr().err


def test_a_bar_of_tqdm_moves_within_the_step_that_was_begun(noting: Noting) -> None:
    report.step("Paint", 2, of=4)
    list(trange(2, desc="Painting", **AT_ONCE))

    assert [progress for progress, _ in dict.fromkeys(noting.said)] == [25, 25, 37.5, 50]


def test_of_bars_in_bars_the_outer_one_reports(noting: Noting) -> None:
    for _ in trange(2, desc="Outer", **AT_ONCE):
        list(trange(3, desc="Inner", **AT_ONCE))

    assert list(dict.fromkeys(noting.said)) == [(0, "Outer"), (50, "Outer"), (100, "Outer")]


def test_a_bar_of_tqdm_that_does_not_know_its_end_counts_in_words(noting: Noting) -> None:
    report(30, "Before")
    list(tqdm((item for item in "ab"), desc="Reading", unit="row", **AT_ONCE))

    assert noting.said[-1] == (30, "Reading: 2 row")


def test_a_bar_of_tqdm_without_a_name_leaves_the_message(noting: Noting) -> None:
    report(0, "Before")
    with tqdm(total=4, **AT_ONCE) as bar:
        bar.update(3)

    assert noting.said[-1] == (75, "Before")


async def test_a_bar_of_tqdm_goes_along_what_is_awaited(noting: Noting) -> None:
    async def coming() -> AsyncIterator[int]:
        yield 1
        yield 2

    assert [item async for item in tqdm(coming(), total=2, **AT_ONCE)] == [1, 2]

    assert noting.said[-1] == (100, None)


def test_a_disabled_bar_of_tqdm_says_nothing(noting: Noting) -> None:
    list(trange(3, disable=True))

    assert noting.said == []


def test_outside_a_job_the_bars_are_bars(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(trange(3)) == [0, 1, 2]
    assert list(track([1, 2], console=console)) == [1, 2]

    assert "3/3" in capsys.readouterr().err


def test_richs_track_reports_along_a_sequence(noting: Noting, console: Console) -> None:
    tracked = track("abcd", "[green]Reading[/]", console=console, auto_refresh=False)
    assert list(tracked) == list("abcd")

    assert noting.said == [(progress, "Reading") for progress in (0, 25, 50, 75, 100)]


def test_a_track_of_rich_that_refreshes_itself_reports_its_end(
    noting: Noting, console: Console
) -> None:
    assert list(track([1, 2], console=console)) == [1, 2]

    assert noting.said[-1] == (100, "Working...")
    assert "Working..." in console.file.getvalue()  # type: ignore[attr-defined]  # StringIO's


def test_of_richs_tasks_the_mean_is_reported(noting: Noting, console: Console) -> None:
    with Progress(console=console, auto_refresh=False) as progress:
        first = progress.add_task("First", total=10)
        second = progress.add_task("Second", total=100)
        progress.update(first, completed=10)
        progress.advance(second, 50)
        progress.reset(second, total=100)

    assert noting.said[2:] == [(50, "Second"), (75, "Second"), (50, "Second")]


def test_a_task_that_is_to_be_reported_is_reported_alone(noting: Noting, console: Console) -> None:
    with Progress(console=console, auto_refresh=False) as progress:
        progress.add_task("Inner", total=10)
        overall = progress.add_task("Overall", total=4, report=True)
        progress.advance(overall)

    assert noting.said[1:] == [(0, "Overall"), (25, "Overall")]


def test_a_task_of_rich_without_an_end_counts_in_words(noting: Noting, console: Console) -> None:
    report(30, "Before")
    with Progress(console=console, auto_refresh=False) as progress:
        progress.update(progress.add_task("Reading", total=None), advance=1200)

    assert noting.said[-1] == (30, "Reading 1,200")


def test_richs_bars_move_within_the_step_that_was_begun(noting: Noting, console: Console) -> None:
    report.step("Paint", 2, of=4)
    list(track([1, 2], "Painting", console=console, auto_refresh=False))

    assert [progress for progress, _ in noting.said] == [25, 25, 37.5, 50]
