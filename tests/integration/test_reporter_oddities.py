"""The reporter and what authors may hand it by mistake."""

from __future__ import annotations

import errno
import multiprocessing
import shutil
import threading
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headway.files import artifact_path
from headway.model.record import Record, Status, now
from headway.progress import Report
from headway.settings import Settings
from headway.workhorse.reporter import Reporter
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH


def held(hand: Hand, reporter: Reporter) -> Record:
    """The job's record as it stands in the store."""
    return hand.store.job(reporter.record.id)


ODD = [
    (float("nan"), None),
    (float("inf"), None),
    (float("-inf"), None),
    (None, None),
    ("half", None),
    ("50", 50.0),
    (object(), None),
    (-5, 0.0),
    (1e300, 100.0),
    (True, 1.0),
    pytest.param(10**400, None, id="beyond"),
]


@pytest.mark.parametrize(("given", "kept"), ODD)
def test_an_odd_progress_is_clipped_or_unknown(
    hand: Hand, reporter: Reporter, report: Report, given: Any, kept: float | None
) -> None:
    report(given, "said")

    assert (held(hand, reporter).progress, held(hand, reporter).message) == (kept, "said")


ODD_STEPS = [
    (np.int64(3), 3),
    (np.float32(2.5), 2),
    ("4", 4),
    (True, 1),
    (-1, 0),
    (3_000_000_000, 2**31 - 1),
    pytest.param(10**400, 2**31 - 1, id="beyond"),
    (None, None),
    (float("nan"), None),
    (float("inf"), None),
    ("third", None),
    (np.arange(2), None),
    (object(), None),
]


@ON_BOTH
@pytest.mark.parametrize(("given", "kept"), ODD_STEPS)
def test_an_odd_number_of_a_step_is_a_plain_one_or_unknown(
    hand: Hand, reporter: Reporter, report: Report, given: Any, kept: int | None
) -> None:
    report.step("Sketch", given, of=given)

    assert (held(hand, reporter).step, held(hand, reporter).steps) == (kept, kept)
    assert held(hand, reporter).step_name == "Sketch"


@ON_BOTH
def test_odd_numbers_do_not_keep_a_job_from_its_end(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    report.step("Sketch", 2**64, of=2**65)
    ended = replace(reporter.newest(), status=Status.FINISHED, ended_at=now())
    reporter.save_final(ended, None)

    assert held(hand, reporter).status == Status.FINISHED


def test_a_step_after_a_progress_that_is_no_number_is_begun(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    report("half")  # type: ignore[arg-type]  # what an author may do by mistake
    report.step("Paint", 2, of=4)

    assert reporter.newest().progress == 25.0


def test_the_log_says_once_that_a_value_was_no_number(
    store: Settings, reporter: Reporter, report: Report
) -> None:
    for progress in ("abc", "abc", "def"):
        report(progress, "Painting")  # type: ignore[arg-type]  # meant to be odd
        reporter.write()
    report.step("Sketch", "third", of=None)  # type: ignore[arg-type]  # meant to be odd
    reporter.write()

    said = behind.log_of(store, reporter.record.id)
    assert said == ["report: progress 'abc' is not a number"]
    assert reporter.record.log_lines == 1


def test_a_progress_that_is_unknown_is_nothing_to_complain_of(
    store: Settings, reporter: Reporter, report: Report
) -> None:
    report(None, "Painting")
    reporter.write()

    assert behind.log_of(store, reporter.record.id) == []


class Unspeakable:
    """Something that cannot be shown."""

    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("half \ud800 a pair", "half ? a pair"),
        ("nul \0", "nul \ufffd"),
        ("x" * 1_000_000, "x" * 499 + "…"),
        (7, "7"),
        ("שלום 🎈", "שלום 🎈"),
    ],
)
def test_odd_words_are_kept_as_far_as_they_can_be(
    hand: Hand, reporter: Reporter, report: Report, given: Any, kept: str
) -> None:
    report(1, given)

    assert held(hand, reporter).message == kept


def test_what_cannot_be_shown_does_not_end_the_job(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    report(1, Unspeakable())  # type: ignore[arg-type]  # what an author may do by mistake
    report.log(Unspeakable())  # type: ignore[arg-type]  # meant to be odd

    ended = replace(reporter.newest(), status=Status.FINISHED, ended_at=now())
    reporter.save_final(ended, None)

    assert held(hand, reporter).status == Status.FINISHED


@ON_BOTH
def test_a_child_process_of_the_job_neither_reports_nor_hangs(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    report(10, "said by the job")

    def speak() -> None:
        report.log("said by its child")
        report.due = 0.0
        report(90, "said by its child")
        report.attach("note.txt", b"kept by its child")

    held, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with reporter._lock:
            held.set()
            go_on.wait()

    writing = threading.Thread(target=write_slowly)
    writing.start()
    held.wait()
    child = multiprocessing.get_context("fork").Process(target=speak)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # what Python says of fork and threads
        child.start()
    child.join(10)
    child.kill()
    child.join()
    go_on.set()
    writing.join()

    assert child.exitcode == 0
    kept = hand.store.job(reporter.record.id)
    assert (kept.progress, kept.message, kept.artifact_count) == (10.0, "said by the job", 0)


def test_a_step_and_its_name_are_in_the_record(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    report.step("Sketch\0", 2, of=4)

    kept = held(hand, reporter)
    assert (kept.step, kept.steps, kept.step_name, kept.progress) == (2, 4, "Sketch\ufffd", 25.0)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "", ".hidden", "x" * 200, "a\0b"])
def test_a_file_name_that_could_lead_elsewhere_is_refused(
    reporter: Reporter, report: Report, name: str
) -> None:
    with pytest.raises(ValueError, match="no plain file name"):
        report.attach(name, b"content")


def test_a_file_that_the_disk_had_no_room_for_leaves_nothing(
    store: Settings, reporter: Reporter, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_half(_: Path, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", copy_half)
    with pytest.raises(OSError, match="No space left"):
        report.attach("film.mp4", store.data_dir / "film.mp4")

    assert list(artifact_path(store, reporter.record.id, "film.mp4").parent.iterdir()) == []


def test_threads_that_attach_one_name_at_once_leave_one_file_whole(
    store: Settings, hand: Hand, reporter: Reporter, report: Report
) -> None:
    troubles: list[Exception] = []

    def attach(letter: bytes, size: int) -> None:
        try:
            for _ in range(20):
                report.attach("same.txt", letter * size)
        except Exception as error:  # noqa: BLE001  # told by the test
            troubles.append(error)

    threads = [threading.Thread(target=attach, args=(b"%d" % n, 1_000 * n)) for n in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reporter.write()

    assert troubles == []
    path = artifact_path(store, reporter.record.id, "same.txt")
    content = path.read_bytes()
    assert len(set(content)) == 1
    (kept,) = hand.files(reporter.record)
    assert (kept.name, kept.bytes) == ("same.txt", len(content))
    assert list(path.parent.iterdir()) == [path], "nothing half-written is left"


def test_a_file_attached_twice_is_there_once(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    report.attach("note.txt", b"first")
    report.attach("other.txt", b"")
    report.attach("note.txt", b"second!")

    kept = hand.files(reporter.record)
    assert [(each.name, each.bytes) for each in kept] == [("note.txt", 7), ("other.txt", 0)]
    assert held(hand, reporter).artifact_count == 2
