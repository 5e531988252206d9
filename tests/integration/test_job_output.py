"""The log of a job of our kinds has what reaches descriptors 1 and 2, with stream and time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from headway.model.record import Status
from headway.settings import Settings
from headway.workhorse.output import can_be_redirected
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.waiting import eventually
from tests.support.worker_process import burst, run, start, submit, working


def streams_of(store: Settings, job_id: str) -> list[tuple[str, str | None]]:
    """The lines of a log, and where each was written."""
    asked = "SELECT text, stream FROM log_lines WHERE job_id = ? ORDER BY number"
    return [tuple(row) for row in behind.run(store, asked, job_id)]


def test_the_log_has_what_anything_writes_in_order(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.loud_shout")

    words = ["Python", "a system call", "a shell", "a program", "C", "a child"]
    assert behind.log_of(store, ended.id) == [*(f"from {word}" for word in words), "no line's end"]
    assert ended.log_lines == 7


def test_what_the_job_writes_is_on_the_workers_terminal_too(store: Settings, hand: Hand) -> None:
    submit(hand, "toy.loud_shout")

    said = burst(store)

    assert "from a shell\nfrom a program\nfrom C\n" in said


def test_streams_that_take_turns_keep_their_order_and_their_names(
    store: Settings, hand: Hand
) -> None:
    ended = run(hand, store, "toy.loud_alternate", to=200)

    lines = streams_of(store, ended.id)
    numbers = [int(text.removeprefix("WARNING loud: ")) for text, _ in lines]
    assert numbers == list(range(200))
    assert [stream for _, stream in lines] == ["stdout", "stderr", None, None] * 50


def test_a_line_has_the_time_when_it_was_written(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.loud_shout")

    times = behind.run(store, "SELECT at FROM log_lines WHERE job_id = ?", ended.id)
    assert ended.started_at is not None
    assert all(ended.started_at <= at <= ended.updated_at for (at,) in times)
    assert len(set(times)) > 1


def test_what_was_written_before_a_kill_is_in_the_log(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.loud_shout_and_die", to=3000)

    log = behind.log_of(store, ended.id)
    assert log[:3000] == [str(number) for number in range(3000)]
    assert log[3000] == "last words"
    assert ended.error is not None
    assert log[3001:] == [ended.error.message]
    assert (ended.status, ended.log_lines) == (Status.FAILED, 3002)


def test_a_failure_and_the_next_attempt_are_in_the_log_at_their_place(
    store: Settings, hand: Hand
) -> None:
    record = submit(hand, "toy.loud_fail")
    burst(store)
    hand.client.retry(record.id)
    burst(store)

    assert behind.log_of(store, record.id) == [
        "about to fail",
        "Attempt 2 begins.",
        "about to fail",
    ]


def test_a_program_that_goes_on_after_its_job_neither_delays_it_nor_ends(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "done"
    record = submit(hand, "toy.loud_leave_a_talker", path=str(path))

    with working(store):
        ended = eventually(lambda: _ended(hand, record.id))
        early = not path.exists()
        eventually(path.exists)
        after = run_beside(hand)

    assert (ended, early) == (True, True)
    # It is part of the job until that ends, wherever in a line it is; of much, not all is kept.
    said = [line for line in behind.log_of(store, record.id) if not line.startswith("… lines")]
    assert all("too late".startswith(line) for line in said)
    assert behind.log_of(store, after) == ["1", "2", "3"]


def test_a_program_that_outlives_the_worker_may_write_on(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    gate, passed = tmp_path / "gate", tmp_path / "passed"
    record = submit(hand, "toy.loud_leave_one_that_waits", gate=str(gate), passed=str(passed))
    burst(store)

    gate.touch()
    eventually(passed.exists)

    assert hand.store.job(record.id).status == Status.FINISHED
    assert behind.log_of(store, record.id) == []
    said = store.data_dir / "worker.out"
    eventually(lambda: said.read_text().endswith("too late\ntoo late\n"))


def run_beside(hand: Hand) -> str:
    """A job that ran on a worker which serves its queue."""
    record = submit(hand, "toy.count_aloud", to=3)
    eventually(lambda: _ended(hand, record.id))
    return record.id


def _ended(hand: Hand, job_id: str) -> bool:
    return hand.store.job(job_id).final


def test_much_output_costs_little_and_its_beginning_and_end_are_kept(
    store: Settings, hand: Hand
) -> None:
    ended = run(hand, store, "toy.loud_write_much", to=40)

    assert (ended.status, ended.log_lines) == (Status.FINISHED, 40 * 1024)
    assert len(behind.log_of(store, ended.id)) < 11_000


def test_a_job_that_takes_its_output_away_keeps_it_for_itself(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    ended = run(hand, store, "toy.loud_replace_output", path=str(tmp_path / "own"))

    assert behind.log_of(store, ended.id) == ["before", "beside", "after"]
    assert (tmp_path / "own").read_text() == "in the file\nin the file\n"


def test_a_log_is_whole_though_the_store_was_locked_at_the_end(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    gate, passed = tmp_path / "gate", tmp_path / "passed"
    record = submit(hand, "toy.loud_pass_a_gate", gate=str(gate), passed=str(passed))

    with working(store):
        eventually(lambda: behind.log_of(store, record.id) == ["before"])
        with behind.locked(store):
            gate.touch()
            eventually(passed.exists)
        eventually(lambda: _ended(hand, record.id))

    assert behind.log_of(store, record.id) == ["before", "after"]
    assert hand.store.job(record.id).log_lines == 2


def test_a_process_without_a_fork_has_the_same_log(store: Settings, hand: Hand) -> None:
    record = submit(hand, "toy.loud_shout")

    process = start(store, _work_without_fork, output=store.data_dir / "worker.out")
    process.join(60)

    assert hand.store.job(record.id).log_lines == 7


def _work_without_fork(settings: Settings) -> None:
    from headway.supervisor import work_on  # noqa: PLC0415  # in the child only
    from headway.worker.worker import SimpleWorker  # noqa: PLC0415  # as above

    work_on(settings, "toys", burst=True, worker_class=SimpleWorker)


@pytest.mark.parametrize("name", ["__stdout__", "__stderr__"])
def test_where_a_standard_stream_is_missing_nothing_is_redirected(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, None)

    assert not can_be_redirected()
