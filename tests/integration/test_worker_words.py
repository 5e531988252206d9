"""A real worker: what a job says, returns and leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.files import artifact_path
from headway.model.record import Status
from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.worker_process import run


def test_the_steps_of_a_job_are_in_its_record(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.steps")

    assert (ended.step, ended.steps, ended.step_name) == (2, 2, "Paint")
    assert (ended.progress, ended.message) == (100.0, "Painting")


def test_the_step_in_which_a_job_ended_is_in_its_timeline(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.steps")

    asked = "SELECT status, step_name FROM moments WHERE job_id = ? ORDER BY seq"
    *_, before, last = behind.run(store, asked, ended.id)
    assert (before, last) == (("started", "Paint"), ("finished", "Paint"))


def test_what_a_job_says_anywhere_is_its_log(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.talk")

    assert behind.log_of(store, ended.id) == [
        "said to stdout",
        "said to stderr",
        "WARNING toy: said to the log",
        "said to the report",
        "no line end",
    ]
    assert ended.log_lines == 5


def test_files_that_a_job_leaves_are_kept(store: Settings, hand: Hand, tmp_path: Path) -> None:
    ended = run(hand, store, "toy.leave_files", path=str(tmp_path / "source"))

    kept = [(artifact.name, artifact.type, artifact.bytes) for artifact in hand.files(ended)]
    assert kept[0] == ("note.txt", "text/plain", 4)
    assert [name for name, _, _ in kept] == ["note.txt", "page.html", "copy.bin"]
    assert artifact_path(store, ended.id, "note.txt").read_bytes() == b"kept"
    assert artifact_path(store, ended.id, "copy.bin").read_bytes() == b"copied"


def test_results_are_worded_in_json_where_that_is_possible(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.return_a_set")

    assert ended.status == Status.FINISHED
    assert ended.result == {"numbers": [1], "path": "/x", "bytes": "abc"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("toy.return_an_object", "What the job returned"),
        ("toy.return_much", "report.attach"),
        ("toy.return_much_hebrew", "The result is 1200002 bytes"),
    ],
)
def test_a_result_that_cannot_be_kept_fails_the_job_and_says_why(
    store: Settings, hand: Hand, kind: str, words: str
) -> None:
    ended = run(hand, store, kind)

    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert words in ended.error.message


def test_a_result_that_is_not_a_number_fails_the_job(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.return_nan")

    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert "JSON" in ended.error.message


def test_odd_words_are_kept_as_far_as_they_can_be(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.odd_words")

    assert ended.status == Status.FINISHED
    assert ended.message == "half a pair ?, a NUL \ufffd, שלום 🎈"
    assert ended.result == {"said": "שלום \ud800"}


def test_the_first_and_the_last_of_many_reports_are_written_and_few_between(
    store: Settings, hand: Hand
) -> None:
    ended = run(hand, store, "toy.many_reports", to=200_000)

    assert ended.message == "number 199999"
    assert ended.seq < 200
