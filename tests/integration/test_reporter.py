"""The reporter, with a real store: it never hurts the job, and loses nothing."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from headway.model.record import Record, Status, now
from headway.progress import Report
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse.log_lines import HEAD_LINES, LINE_CHARACTERS, SLACK_LINES, TAIL_LINES
from headway.workhorse.reporter import Reporter
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.valkey import Valkey
from tests.support.waiting import eventually


def held(hand: Hand, reporter: Reporter) -> Record:
    """The job's record as it stands in the store."""
    return hand.store.job(reporter.record.id)


@ON_BOTH
def test_a_first_report_is_written_at_once(hand: Hand, reporter: Reporter, report: Report) -> None:
    report(12.345, "Painting")

    assert (held(hand, reporter).progress, held(hand, reporter).message) == (12.35, "Painting")


def test_the_last_report_is_written_though_none_follows(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    before = held(hand, reporter).seq
    for number in range(10_000):
        report(number / 100, f"number {number}")

    eventually(lambda: held(hand, reporter).message == "number 9999")
    assert held(hand, reporter).seq - before < 100


@ON_BOTH
def test_what_a_job_reports_while_the_store_is_locked_is_written_afterwards(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    with behind.locked(store):
        report(50, "not written yet")
        report.log("kept")
    report.log("and this")

    eventually(lambda: held(hand, reporter).message == "not written yet")
    assert behind.log_of(store, reporter.record.id) == ["kept", "and this"]


@ON_BOTH
def test_a_report_that_could_not_be_written_is_tried_again_though_none_follows(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    with behind.locked(store):
        report(50, "the only one")

    eventually(lambda: held(hand, reporter).message == "the only one")


@ON_BOTH
def test_the_end_is_written_with_all_that_was_not(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    with behind.locked(store):
        report(99, "Nearly")
        report.log("kept")
    ended = replace(reporter.newest(), status=Status.FINISHED, ended_at=now())
    reporter.save_final(ended, None)

    assert (held(hand, reporter).status, held(hand, reporter).message) == ("finished", "Nearly")
    assert behind.log_of(store, reporter.record.id) == ["kept"]


def test_what_a_thread_says_while_the_end_is_written_costs_no_other_line(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    with behind.locked(store):
        for said in ("first", "second"):
            report.log(said)
        ended = replace(reporter.newest(), status=Status.FINISHED, ended_at=now())
        report.log("said by a thread that lives on")
    kept = reporter.save_final(ended, None)

    assert behind.log_of(store, reporter.record.id) == [
        "first", "second", "said by a thread that lives on",
    ]  # fmt: skip
    assert kept is not None
    assert kept.log_lines == len(behind.log_of(store, reporter.record.id))


def test_a_job_goes_on_reporting_while_redis_is_away(
    hand: Hand, reporter: Reporter, report: Report, valkey: Valkey
) -> None:
    report(1, "with Redis")
    valkey.stop()
    report(50, "without")

    eventually(lambda: held(hand, reporter).message == "without")


@ON_BOTH
def test_a_job_that_was_ended_by_somebody_else_says_nothing_more(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    hand.fail(held(hand, reporter))
    ended = held(hand, reporter)

    report(100, "late")
    report.log("late")
    reporter.end()

    assert held(hand, reporter) == ended


def test_a_report_lifts_the_mark_of_a_stalled_job(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    hand.change(held(hand, reporter), stalled=True)

    report(5, "still here")

    assert not held(hand, reporter).stalled


def numbered(store: Settings, reporter: Reporter) -> list[tuple[int, str]]:
    """The job's log as it is stored: each line's number and text."""
    asked = "SELECT number, text FROM log_lines WHERE job_id = ? ORDER BY number"
    return [(row[0], row[1]) for row in behind.run(store, asked, reporter.record.id)]


def lines_from(first: int, last: int) -> list[tuple[int, str]]:
    """Lines that say their own number."""
    return [(number, str(number)) for number in range(first, last + 1)]


@ON_BOTH
def test_a_long_log_keeps_its_begin_and_its_end_and_says_what_is_left_out(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    for number in range(1, 20_001):
        report.log(str(number))
    ended = replace(reporter.newest(), status=Status.FINISHED, ended_at=now())
    kept = reporter.save_final(ended, None)

    head, notice, tail = lines_from(1, HEAD_LINES), (5_001, LEFT_OUT), lines_from(15_001, 20_000)
    assert numbered(store, reporter) == [*head, notice, *tail]
    assert kept is not None
    assert kept.log_lines == 20_000


LEFT_OUT = (
    "… lines 5,001 to 15,000 are left out: "
    "of each attempt the first 5,000 and the last 5,000 are kept"
)


def test_a_log_that_is_just_not_too_long_is_whole(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    for number in range(1, HEAD_LINES + TAIL_LINES + 1):
        report.log(str(number))
    reporter.write_out()

    assert numbered(store, reporter) == lines_from(1, HEAD_LINES + TAIL_LINES)


def test_a_long_log_is_bounded_while_it_is_written(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    for number in range(1, 30_001):
        report.log(str(number))
        if number % 700 == 0:
            reporter.write()
            stored = numbered(store, reporter)
            assert stored[-1] == (number, str(number))
            assert len(stored) <= HEAD_LINES + 1 + TAIL_LINES + SLACK_LINES
            assert held(hand, reporter).log_lines == number
    reporter.write_out()

    head, tail = lines_from(1, HEAD_LINES), lines_from(30_001 - TAIL_LINES, 30_000)
    stored = numbered(store, reporter)
    assert stored[:HEAD_LINES] + stored[HEAD_LINES + 1 :] == head + tail
    assert stored[HEAD_LINES] == (5_001, LEFT_OUT.replace("15,000", "25,000"))


def test_an_attempts_log_goes_on_behind_that_of_the_one_before(
    store: Settings, hand: Hand, report: Report
) -> None:
    first = hand.start(hand.say(hand.create(), *["of the attempt before"] * 7))
    with Writer(store) as writer:
        second = Reporter(store, writer, first, Report(), heartbeat=lambda: None)
        for number in range(8, 8 + 20_000):
            second.log(str(number))
        second.write_out()
        stored = numbered(store, second)

    assert [text for _, text in stored[:7]] == ["of the attempt before"] * 7
    assert stored[7 : 7 + HEAD_LINES] == lines_from(8, 5_007)
    assert stored[7 + HEAD_LINES + 1 :] == lines_from(15_008, 20_007)


def test_a_long_log_is_whole_at_both_ends_though_the_store_was_away(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    for number in range(1, 6_001):
        report.log(str(number))
    reporter.write()
    with behind.locked(store):
        for number in range(6_001, 20_001):
            report.log(str(number))
        reporter.write()
    reporter.write_out()

    stored = numbered(store, reporter)
    assert stored[:HEAD_LINES] == lines_from(1, HEAD_LINES)
    assert stored[HEAD_LINES:] == [(5_001, LEFT_OUT), *lines_from(15_001, 20_000)]


def test_a_text_has_a_line_for_each_of_its_newlines(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    for text in ("a\u2028b\x0bc", "one\ntwo\n", "", "\r\n", "10%\r100%\r\nend", "x" * 5_000):
        report.log(text)
    reporter.write_out()

    *said, long = behind.log_of(store, reporter.record.id)
    assert said == ["a\u2028b\x0bc", "one", "two", "", "", "100%", "end"]
    assert len(long) == LINE_CHARACTERS
    assert long.endswith("x… (shortened: the line has 5,000 characters)")


def test_whatever_goes_wrong_in_a_heartbeat_later_reports_are_written(
    store: Settings, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    beats = []

    def heartbeat() -> None:
        beats.append(1)
        raise KeyError("no luck")

    report = Report()
    with Writer(store) as writer:
        record = hand.start(hand.create())
        reporter = Reporter(store, writer, record, report, heartbeat=heartbeat)
        reporter.begin()
        try:
            eventually(lambda: beats)
            report(10, "Painting")
            report(20, "Painting")  # within the window: left to the reporter's thread
            eventually(lambda: hand.store.job(record.id).progress == 20)
            eventually(lambda: len(beats) > 3)
        finally:
            reporter.end()

    told = [line for line in caplog.messages if line.startswith("the reporter could not")]
    assert len(told) == 1


def test_reports_from_many_threads_lose_no_line(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    def talk(name: str) -> None:
        for number in range(100):
            report.log(f"{name} {number}")
            report(number, name)

    threads = [threading.Thread(target=talk, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reporter.write()

    lines = behind.log_of(store, reporter.record.id)
    assert len(lines) == 400
    for name in "abcd":
        said = [line for line in lines if line.startswith(name)]
        assert said == [f"{name} {number}" for number in range(100)]
