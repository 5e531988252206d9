"""A job that is ended from outside, by whatever RQ has for that: its record and RQ say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from rq import Callback, Queue, Retry
from rq.command import (
    send_kill_horse_command,
    send_stop_execution_command,
    send_stop_job_command,
)
from rq.job import Job
from rq.serializers import JSONSerializer

from headway.errors import UnknownJob
from headway.model.record import Record, Status
from headway.settings import Settings
from headway.supervisor import work_on
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.waiting import eventually
from tests.support.worker_process import LONGEST_SECONDS, burst, start, submit, working

TOYS = "tests.support.toy_jobs"
STOPPED = "Stopped by RQ's stop command."


def queue_of(hand: Hand) -> Queue:
    """RQ's own queue, as another program has it."""
    return Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)


def stop_job(redis: Any, job_id: str) -> None:
    send_stop_job_command(redis, job_id, serializer=JSONSerializer)


def stop_execution(redis: Any, job_id: str) -> None:
    execution = in_rq(redis, job_id).get_executions()[0]
    send_stop_execution_command(redis, job_id, execution.id)


@pytest.mark.parametrize("stop", [stop_job, stop_execution])
@pytest.mark.parametrize("whose", ["ours", "another program's"])
def test_rqs_stop_ends_a_job_and_no_attempt_follows(
    store: Settings, hand: Hand, tmp_path: Path, stop: Any, whose: str
) -> None:
    gate, redis = str(tmp_path / "gate"), hand.client.redis
    with working(store):
        if whose == "ours":
            job_id = submit(hand, "toy.wait_and_fail", path=gate).id
        else:
            job_id = queue_of(hand).enqueue(f"{TOYS}.plain_wait", gate, retry=Retry(max=2)).id
        eventually(lambda: _message(hand, job_id) == "Waiting")

        stop(redis, job_id)
        ended = eventually(lambda: _ended(hand, job_id))
        eventually(lambda: in_rq(redis, job_id).get_status() == "stopped")

    assert (ended.status, ended.stop_by) == (Status.STOPPED, "RQ's stop command")
    assert ended.error is not None
    assert (ended.error.type, ended.error.message) == ("Stopped", STOPPED)
    assert _attempts(store, job_id) == [(1, "stopped", STOPPED)]


def test_a_work_horse_that_rq_was_told_to_kill_is_told_as_killed_and_keeps_its_attempts(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    with working(store):
        record = submit(hand, "toy.wait_and_fail", path=str(tmp_path / "gate"))
        eventually(lambda: _message(hand, record.id) == "Waiting")

        send_kill_horse_command(hand.client.redis, str(hand.store.job(record.id).worker))
        following = eventually(lambda: _in_attempt(hand, record.id, 2))

    assert following.status == Status.SCHEDULED
    assert following.message.startswith("Attempt 1 failed: Killed by RQ's kill-horse command")


def test_a_stop_that_comes_when_the_record_has_its_end_changes_nothing_in_rq_either(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    redis = hand.client.redis
    with pausing(store, "rq.worker.BaseWorker.handle_job_success", tmp_path) as go_on:
        record = submit(hand, "toy.count")
        ended = eventually(lambda: _ended(hand, record.id))
        stop_job(redis, record.id)
        eventually(lambda: "too late" in _said(store))
        go_on()
        eventually(lambda: in_rq(redis, record.id).get_status() == "finished")

    assert ended.status == hand.store.job(record.id).status == Status.FINISHED


@pytest.mark.parametrize("by", ["Headway", "RQ"])
@pytest.mark.parametrize("whose", ["ours", "another program's"])
def test_a_stop_that_meets_a_failing_end_leaves_no_attempt(
    store: Settings, hand: Hand, tmp_path: Path, by: str, whose: str
) -> None:
    gate, redis = tmp_path / "gate", hand.client.redis
    gate.touch()
    place = "attempt.schedule_retry" if whose == "ours" else "external_run.peak_memory_bytes"
    with pausing(store, f"headway.workhorse.{place}", tmp_path) as go_on:
        if whose == "ours":
            job_id = submit(hand, "toy.wait_and_fail", path=str(gate)).id
        else:
            retry = Retry(max=2)
            job_id = (
                queue_of(hand).enqueue(f"{TOYS}.plain_wait", str(gate), fail=True, retry=retry).id
            )
        eventually((tmp_path / "paused").exists)
        if by == "Headway":
            hand.client.stop(job_id, by="Ada")
        else:
            stop_job(redis, job_id)
        eventually(lambda: "too late" in _said(store))
        go_on()
        ended = eventually(lambda: _ended(hand, job_id))
        eventually(lambda: in_rq(redis, job_id).get_status() in {"stopped", "canceled"})
    burst(store)

    held, status = hand.store.job(job_id), in_rq(redis, job_id).get_status()
    assert held.seq == ended.seq
    if by == "Headway":
        assert (held.status, status) == (Status.STOPPED, "stopped")
        assert len(_attempts(store, job_id)) == 1
    else:
        assert (held.status, status) == (Status.CANCELED, "canceled")
        assert held.message == "Canceled by RQ's stop command before it began."


@pytest.mark.parametrize("retries", [0, 1])
def test_a_success_callback_that_raises_makes_the_job_fail_as_in_rq(
    store: Settings, hand: Hand, retries: int
) -> None:
    job = queue_of(hand).enqueue(
        f"{TOYS}.plain",
        2,
        on_success=Callback(f"{TOYS}.callback_that_fails"),
        retry=Retry(max=retries) if retries else None,
    )

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, job.get_status()) == (Status.FAILED, "failed")
    assert record.error is not None
    said = "The function returned, then the job's callback failed: nobody to tell"
    assert (record.error.type, record.error.message) == ("LookupError", said)
    assert "callback_that_fails" in str(record.error.traceback)
    assert _attempts(store, job.id) == [
        (number, "failed", said) for number in range(1, retries + 2)
    ]


def test_a_failure_callback_that_raises_changes_no_word_of_the_failure(
    store: Settings, hand: Hand
) -> None:
    job = queue_of(hand).enqueue(
        f"{TOYS}.plain_failure", on_failure=Callback(f"{TOYS}.callback_that_fails")
    )

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, job.get_status()) == (Status.FAILED, "failed")
    assert record.error is not None
    assert record.error.message == "not today"


def test_a_stopped_callback_that_raises_leaves_the_job_stopped(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    with working(store):
        job = queue_of(hand).enqueue(
            f"{TOYS}.plain_wait",
            str(tmp_path / "gate"),
            on_stopped=Callback(f"{TOYS}.callback_that_fails"),
        )
        eventually(lambda: _message(hand, job.id) == "Waiting")
        stop_job(hand.client.redis, job.id)
        ended = eventually(lambda: _ended(hand, job.id))
        eventually(lambda: job.get_status() == "stopped")

    assert ended.status == Status.STOPPED


def test_a_job_that_leaves_as_if_all_were_well_has_failed_in_rq_too(
    store: Settings, hand: Hand
) -> None:
    job = queue_of(hand).enqueue(f"{TOYS}.plain_leave", retry=Retry(max=1))

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.attempt) == (Status.FAILED, 2)
    assert job.get_status() == "failed"


def test_a_job_that_asked_to_be_run_again_as_often_as_it_may_has_failed(
    store: Settings, hand: Hand
) -> None:
    job = queue_of(hand).enqueue(f"{TOYS}.ask_again")

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, job.get_status()) == (Status.FAILED, "failed")
    assert record.attempt == 6
    assert record.error is not None
    assert record.error.message == "The job asked to be run again, and was as often as it may."


@contextmanager
def pausing(store: Settings, where: str, folder: Path) -> Iterator[Callable[[], None]]:
    """A worker whose work-horses wait in a function until they may go on."""
    process = start(store, _work, where, folder, output=store.data_dir / "worker.out")
    try:
        yield (folder / "go on").touch
    finally:
        (folder / "go on").touch()
        process.terminate()
        process.join(LONGEST_SECONDS)


def _work(settings: Settings, where: str, folder: Path) -> None:
    from headway.terminal import log_to_terminal  # noqa: PLC0415  # in the child only

    patch = pytest.MonkeyPatch()
    name, owner = where.rpartition(".")[2], pytest.importorskip(where.split(".", 1)[0])
    for part in where.split(".")[1:-1]:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    def pause(*args: Any, **options: Any) -> Any:
        (folder / "paused").touch()
        eventually((folder / "go on").exists)
        return original(*args, **options)

    log_to_terminal()
    patch.setattr(owner, name, pause)
    work_on(settings, "toys", burst=False)


def in_rq(redis: Any, job_id: str) -> Job:
    """What RQ has of a job."""
    return Job.fetch(job_id, connection=redis, serializer=JSONSerializer)


def _said(store: Settings) -> str:
    return (store.data_dir / "worker.out").read_text()


def _message(hand: Hand, job_id: str) -> str:
    with suppress(UnknownJob):
        return hand.store.job(job_id).message
    return ""


def _ended(hand: Hand, job_id: str) -> Record | None:
    with suppress(UnknownJob):
        held = hand.store.job(job_id)
        return held if held.final else None
    return None


def _in_attempt(hand: Hand, job_id: str, number: int) -> Record | None:
    held = hand.store.job(job_id)
    return held if held.attempt == number else None


def _attempts(store: Settings, job_id: str) -> Any:
    query = "SELECT number, status, error_message FROM attempts WHERE job_id = ? ORDER BY number"
    return behind.run(store, query, job_id)
