"""The reporter, with a real store: it never hurts the job, and loses nothing."""

from __future__ import annotations

import threading
from dataclasses import replace

from jobs.log_lines import LOG_LINES
from jobs.progress import Report
from jobs.records import Record, Status, now
from jobs.reporter import Reporter
from jobs.settings import Settings
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


def test_a_log_without_end_is_cut_and_says_so(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    for number in range(LOG_LINES + 50):
        report.log(str(number))
    reporter.write()

    lines = behind.log_of(store, reporter.record.id)
    assert len(lines) == LOG_LINES + 1
    assert lines[-2:] == [str(LOG_LINES - 1), f"The log ends here: more than {LOG_LINES} lines."]


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
