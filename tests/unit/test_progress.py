"""The report: arithmetic of steps and tracks, and silence outside a job."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any

import pytest

import jobs
from headway.progress import Report


class Noting:
    """Notes each report as (progress, message), without a throttle."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.said: list[tuple[float | None, str | None]] = []
        self.lines: list[str] = []

    def write(self) -> None:
        self.said.append((self._report.progress, self._report.message))

    def log(self, text: str) -> None:
        self.lines.append(text)

    def attach(self, name: str, content: bytes | str | PathLike[str]) -> None:
        self.lines.append(name)


@pytest.fixture
def report() -> Report:
    """What an author calls."""
    return Report()


@pytest.fixture
def noting(report: Report) -> Iterator[Noting]:
    """A listener while a job runs."""
    listener = Noting(report)
    report.bind(listener)
    yield listener
    report.release()


def test_outside_a_job_a_report_does_nothing() -> None:
    jobs.report(50, "nobody listens")
    jobs.report.step("Sketch", 1, of=2)
    jobs.report.log("nothing")
    jobs.report.attach("../nowhere", b"")

    assert list(jobs.report.track([1, 2])) == [1, 2]


def test_a_report_is_handed_on(report: Report, noting: Noting) -> None:
    report(10, "Painting")
    report(20)

    assert noting.said == [(10, "Painting"), (20, "Painting")]


def test_a_track_covers_the_whole_bar(report: Report, noting: Noting) -> None:
    assert list(report.track("abcd", "Reading")) == list("abcd")

    assert [progress for progress, _ in noting.said] == [0, 25, 50, 75, 100]


def test_what_is_done_is_a_share_of_the_step_as_far_as_it_is_known(
    report: Report, noting: Noting
) -> None:
    report.step("Paint", 2, of=4)
    report.done(1, of=2, message="Painting")
    report.done(9, of=2)
    for of in (None, 0, "many", float("nan")):
        report.done(1, of=of)  # type: ignore[arg-type]  # as authors do

    assert noting.said == [(25, "Paint"), (37.5, "Painting"), *5 * [(50, "Painting")]]


def test_a_track_covers_the_share_of_its_step(report: Report, noting: Noting) -> None:
    report.step("Paint", 2, of=4)
    list(report.track([1, 2], "Painting"))

    assert noting.said == [(25, "Paint"), (25, "Painting"), (37.5, "Painting"), (50, "Painting")]


def test_the_steps_end_where_the_bar_ends(report: Report, noting: Noting) -> None:
    for number in (1, 2, 3):
        report.step(f"Step {number}", number, of=3)
        list(report.track([1]))

    assert noting.said[-1][0] == 100
    progress = [each for each, _ in noting.said if each is not None]
    assert progress == sorted(progress)


def test_a_step_never_takes_back_what_was_reported(report: Report, noting: Noting) -> None:
    report(80, "Far")
    report.step("Second", 2, of=4)

    assert noting.said[-1] == (80, "Second")


def test_a_track_of_unknown_length_reports_no_share_of_it(report: Report, noting: Noting) -> None:
    report(30, "Before")
    list(report.track((item for item in "abc"), "Reading"))

    assert [progress for progress, _ in noting.said] == [30, 30, 30, 30, 100]


def test_a_told_total_counts_and_more_items_than_told_do_no_harm(
    report: Report, noting: Noting
) -> None:
    list(report.track(iter("abcd"), total=2))

    assert [progress for progress, _ in noting.said] == [0, 50, 100, 100, 100]


@pytest.mark.parametrize("total", [10**400, "many", float("nan"), float("inf"), object(), b"9"])
def test_a_track_whose_total_is_no_number_goes_on_without_a_share(
    report: Report, noting: Noting, total: Any
) -> None:
    assert list(report.track("ab", "Counting", total=total)) == ["a", "b"]


def test_a_track_of_more_than_a_machine_counts_goes_on(report: Report, noting: Noting) -> None:
    assert next(report.track(range(10**30), "Counting")) == 0


def test_an_empty_track_is_done(report: Report, noting: Noting) -> None:
    assert list(report.track([])) == []

    assert noting.said == [(100, None)]


def test_a_track_that_is_left_early_reports_no_end(report: Report, noting: Noting) -> None:
    for _ in report.track([1, 2, 3, 4]):
        break

    assert noting.said == [(0, None)]


def test_lines_and_files_are_handed_on(report: Report, noting: Noting) -> None:
    report.log("a line")
    report.attach("note.txt", b"")

    assert noting.lines == ["a line", "note.txt"]


def test_the_next_job_in_the_same_process_starts_clean(report: Report, noting: Noting) -> None:
    report.step("Last", 3, of=3)
    report.release()
    report.release()

    report.bind(noting)

    assert (report.progress, report.message, report.number, report.step_name) == (None,) * 4
