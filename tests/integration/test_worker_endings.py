"""A real worker in a process of its own: how jobs of our kinds end."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rq.utils

from headway.broker.queues import enqueue
from headway.client import new_record
from headway.kinds.registry import find
from headway.maintenance.reconciler import Reconciler
from headway.model.record import Record, Status, seconds_of
from headway.settings import Settings
from headway.supervisor import work_on
from headway.worker.forking import Worker
from headway.worker.worker import Timings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.waiting import eventually
from tests.support.worker_process import LONGEST_SECONDS, burst, run, start, submit


@pytest.fixture
def attempts(store: Settings) -> Iterator[Any]:
    """(number, status, error's message) of each attempt of a job."""
    query = "SELECT number, status, error_message FROM attempts WHERE job_id = ? ORDER BY number"
    yield lambda record: behind.run(store, query, record.id)


@ON_BOTH
def test_a_kind_runs_to_its_end(store: Settings, hand: Hand, attempts: Any) -> None:
    ended = run(hand, store, "toy.count", to=4)

    assert ended.status == Status.FINISHED
    assert (ended.progress, ended.message, ended.result) == (100.0, "Counting", {"counted": 4})
    assert ended.title == "Count to 4"
    assert ended.worker
    assert ended.created_at <= str(ended.started_at) <= str(ended.ended_at)
    assert attempts(ended) == [(1, "finished", None)]


def test_a_failure_keeps_the_error_the_progress_and_the_authors_traceback(
    store: Settings, hand: Hand
) -> None:
    ended = run(hand, store, "toy.fail", text="the pipe broke")

    assert ended.status == Status.FAILED
    assert ended.progress == 40.0
    assert ended.error is not None
    assert (ended.error.type, ended.error.message) == ("ValueError", "the pipe broke")
    assert "toy_jobs.py" in str(ended.error.traceback)
    assert "rq/" not in str(ended.error.traceback)
    assert "/jobs/" not in str(ended.error.traceback)


def test_a_failure_told_plainly_is_the_authors_sentence(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.fail_plainly", text="The photo shows nobody.")

    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert (ended.error.type, ended.error.message) == ("JobFailed", "The photo shows nobody.")


@ON_BOTH
def test_a_failed_attempt_is_followed_by_the_next_until_there_is_none_left(
    store: Settings, hand: Hand, attempts: Any
) -> None:
    record = run(hand, store, "toy.fail_twice")
    assert (record.status, record.attempt) == (Status.SCHEDULED, 2)
    assert record.message == "Attempt 1 failed: no luck"
    assert seconds_of(str(record.run_at)) > seconds_of(record.updated_at)

    with Reconciler(store) as reconciler:
        eventually(lambda: _status_after_a_round(reconciler, hand, record) == Status.QUEUED)
    burst(store)

    ended = hand.store.job(record.id)
    assert (ended.status, ended.attempt) == (Status.FAILED, 2)
    assert attempts(ended) == [(1, "failed", "no luck"), (2, "failed", "no luck")]
    assert behind.log_of(store, record.id) == [
        "trying", "Attempt 1 failed: no luck", "Attempt 2 begins.", "trying",
    ]  # fmt: skip


def test_a_kind_that_asks_to_be_run_again_is_until_there_is_no_attempt_left(
    store: Settings, hand: Hand, attempts: Any
) -> None:
    record = run(hand, store, "toy.ask_again")
    assert (record.status, record.attempt) == (Status.SCHEDULED, 2)

    with Reconciler(store) as reconciler:
        eventually(lambda: _status_after_a_round(reconciler, hand, record) == Status.QUEUED)
    burst(store)

    ended = hand.store.job(record.id)
    assert (ended.status, ended.attempt, ended.max_attempts) == (Status.FAILED, 2, 2)
    again = "The job asked to be run again"
    assert attempts(ended) == [
        (1, "failed", f"{again}."),
        (2, "failed", f"{again}, and has no attempt left."),
    ]


def test_an_asynchronous_kind_runs_to_its_end(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.asynchronous", text="done")

    assert (ended.status, ended.result) == (Status.FINISHED, "done")


def test_a_job_past_its_time_limit_fails_as_timed_out(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.too_slow")

    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.type == "TimedOut"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("toy.die", ("Killed", "signal 9")), ("toy.leave", ("Exited", "exit code 3"))],
)
def test_a_job_whose_process_dies_fails_and_says_how(
    store: Settings, hand: Hand, attempts: Any, kind: str, words: tuple[str, str]
) -> None:
    ended = run(hand, store, kind)

    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.type == words[0]
    assert words[1] in ended.error.message
    assert attempts(ended) == [(1, "failed", ended.error.message)]


@pytest.mark.parametrize(("ending", "code"), [("exit", 7), ("raise", 1), ("return", 0)])
def test_a_child_that_the_job_forked_does_not_end_the_job(
    store: Settings, hand: Hand, ending: str, code: int
) -> None:
    ended = run(hand, store, "toy.fork", text=ending)

    assert (ended.status, ended.result) == (Status.FINISHED, code)


def test_a_death_at_the_moment_of_a_look_around_is_recorded(store: Settings, hand: Hand) -> None:
    record = submit(hand, "toy.die")

    start(store, _work_and_bury_slowly).join(LONGEST_SECONDS)

    ended = hand.store.job(record.id)
    assert ended.error is not None
    assert ended.error.type == "Killed"


def _work_and_bury_slowly(settings: Settings) -> None:
    def until_the_look_around() -> int:
        eventually(lambda: signal.getitimer(signal.ITIMER_REAL)[0] == 0)
        return 0

    slow = pytest.MonkeyPatch()
    slow.setattr("headway.worker.forking.out_of_memory_kills", until_the_look_around)
    work_on(settings, "toys", burst=True, timings=Timings(look=1))


def test_a_clock_that_jumps_ends_no_job(store: Settings, hand: Hand, tmp_path: Path) -> None:
    record = submit(hand, "toy.wait", path=str(tmp_path / "gate"))

    start(store, _work_while_the_clock_jumps, tmp_path / "gate").join(LONGEST_SECONDS)

    assert hand.store.job(record.id).status == Status.FINISHED


def _work_while_the_clock_jumps(settings: Settings, gate: Path) -> None:
    time_of_day, looks = rq.utils.now, itertools.count(1)
    jumps = itertools.chain([timedelta(0)], itertools.repeat(timedelta(hours=10)))
    look = Worker.maintain_heartbeats

    def look_and_open_the_gate(self: Worker, *args: Any) -> None:
        look(self, *args)
        if next(looks) > 1:
            gate.touch()

    patch = pytest.MonkeyPatch()
    patch.setattr("rq.worker.worker_classes.now", lambda: time_of_day() + next(jumps))
    patch.setattr(Worker, "maintain_heartbeats", look_and_open_the_gate)
    work_on(settings, "toys", burst=True, timings=Timings(look=1))


def test_a_kind_that_is_gone_fails_its_job(store: Settings, hand: Hand) -> None:
    record = new_record("toy.count", {})
    forgotten = replace(find("toy.count"), name="toy.forgotten")
    kept = hand.store.create(replace(record, kind=forgotten.name))
    assert kept is not None
    enqueue(hand.client.redis, record, 60)

    burst(store)

    ended = hand.store.job(record.id)
    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert "toy.forgotten" in ended.error.message


def _status_after_a_round(reconciler: Reconciler, hand: Hand, record: Record) -> Status:
    reconciler.round()
    return hand.store.job(record.id).status
