"""Recording by one line: workers of RQ's own, of any class, started as applications start them."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from rq import Queue, Retry
from rq.command import send_stop_job_command
from rq.job import Job

from headway.errors import UnknownJob
from headway.maintenance.reconciler import Reconciler
from headway.model.record import Origin, Record, Status
from headway.settings import Settings
from tests.support import behind
from tests.support import rq_application as application
from tests.support.by_hand import Hand
from tests.support.waiting import eventually

RQ = Path(sys.executable).with_name("rq")
ROOT = Path(__file__).parents[2]
APPLICATION = "tests.support.rq_application"
LONGEST_SECONDS = 60

FORKING = ["rq.Worker", "rq.worker.SpawnWorker", f"{APPLICATION}.WatchfulWorker"]
CLASSES = [*FORKING, "rq.SimpleWorker", f"{APPLICATION}.ConnectedWorker"]


@pytest.fixture
def queue(hand: Hand) -> Queue:
    """The application's queue, with RQ's own serializer."""
    return Queue("app", connection=hand.client.redis)


def command(settings: Settings, worker_class: str, *options: str) -> list[str]:
    """What an application has in its Procfile, and `-c headway.rq`."""
    begin = [str(RQ), "worker", "-c", "headway.rq", "-u", settings.redis_url, "-w", worker_class]
    return [*begin, *options, "app"]


def variables(settings: Settings) -> dict[str, str]:
    """The environment of the application's worker."""
    store = {"DATABASE_URL": settings.database_url} if settings.database_url else {}
    return {**os.environ, **store, "DATA_DIR": str(settings.data_dir), "PYTHONPATH": str(ROOT)}


def burst(settings: Settings, worker_class: str = "rq.Worker") -> str:
    """Run a worker until the queue is empty; returns what it said."""
    done = subprocess.run(
        command(settings, worker_class, "--burst"),
        env=variables(settings),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@contextmanager
def working(settings: Settings, worker_class: str = "rq.Worker") -> Iterator[subprocess.Popen[Any]]:
    """A worker for the length of a `with`."""
    said = (settings.data_dir / "worker.out").open("w")
    process = subprocess.Popen(
        command(settings, worker_class), env=variables(settings), cwd=ROOT, stdout=said, stderr=said
    )
    try:
        yield process
    finally:
        said.close()
        process.terminate()
        process.wait(LONGEST_SECONDS)


@pytest.mark.parametrize("worker_class", CLASSES)
def test_a_job_is_recorded_whatever_class_runs_it(
    store: Settings, hand: Hand, queue: Queue, worker_class: str
) -> None:
    job = queue.enqueue(application.add, 2, b=3)

    burst(store, worker_class)

    record = hand.store.job(job.id)
    assert (record.status, record.result, record.attempt) == (Status.FINISHED, 5, 1)
    assert (record.kind, record.origin) == (f"{APPLICATION}.add", Origin.APPLICATION)
    assert record.params == {"args": [2], "kwargs": {"b": 3}}
    assert behind.log_of(store, job.id) == ["adding 2 and 3"]
    assert (job.get_status(), job.return_value(refresh=True)) == ("finished", 5)


@pytest.mark.parametrize("worker_class", CLASSES)
def test_each_run_that_fails_is_an_attempt(
    store: Settings, hand: Hand, queue: Queue, worker_class: str, tmp_path: Path
) -> None:
    retry = Retry(max=1)
    good = queue.enqueue(application.fail_once, str(tmp_path / "ran"), retry=retry)
    bad = queue.enqueue(application.fail, retry=retry)

    burst(store, worker_class)

    assert (hand.store.job(good.id).result, good.get_status()) == ("second time", "finished")
    record = hand.store.job(bad.id)
    assert (record.status, record.attempt, bad.get_status()) == (Status.FAILED, 2, "failed")
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("RuntimeError", "not today")
    assert "in fail" in str(record.error.traceback)
    query = "SELECT status, error_message FROM attempts WHERE job_id = ? ORDER BY number"
    assert behind.run(store, query, bad.id) == [("failed", "not today")] * 2


@pytest.mark.parametrize("worker_class", FORKING)
def test_a_process_that_left_or_died_is_named_here_and_in_rq(
    store: Settings, hand: Hand, queue: Queue, worker_class: str
) -> None:
    left, killed = queue.enqueue(application.leave), queue.enqueue(application.kill)

    burst(store, worker_class)

    assert (left.get_status(), killed.get_status()) == ("failed", "failed")
    assert message_of(hand, left).startswith("The process ended (as by os._exit(0))")
    assert message_of(hand, killed).startswith("Killed by signal 9 (SIGKILL)")


@pytest.mark.parametrize("value", [b"\xff", math.nan, {1: {2}}], ids=["bytes", "nan", "a set"])
def test_a_result_stays_with_rq_as_it_is(
    store: Settings, hand: Hand, queue: Queue, value: Any
) -> None:
    job = queue.enqueue(application.give_back, value)

    burst(store)

    assert hand.store.job(job.id).status == Status.FINISHED
    assert repr(job.return_value(refresh=True)) == repr(value)


def test_a_job_is_recorded_once_where_headways_own_worker_is_named_too(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    jobs = [queue.enqueue(application.add, number) for number in range(3)]

    burst(store, "headway.Worker")

    for number, job in enumerate(jobs):
        assert (hand.store.job(job.id).status, hand.store.job(job.id).attempt) == (
            Status.FINISHED,
            1,
        )
        assert behind.log_of(store, job.id) == [f"adding {number} and 1"]


def test_a_job_that_is_stopped_is_so_here_and_in_rq(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    with working(store):
        job = queue.enqueue(application.wait, str(tmp_path / "gate"))
        eventually(lambda: held(hand, job).message == "Waiting")
        send_stop_job_command(hand.client.redis, job.id)
        ended = eventually(lambda: final(hand, job))

    assert (ended.status, job.get_status()) == (Status.STOPPED, "stopped")
    assert message_of(hand, job) == "Stopped by RQ's stop command."


def test_a_stop_on_the_page_reaches_a_worker_of_rqs_own(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    with working(store):
        job = queue.enqueue(application.wait, str(tmp_path / "gate"))
        eventually(lambda: held(hand, job).message == "Waiting")
        hand.client.stop(job.id, by="Ada")
        ended = eventually(lambda: final(hand, job))

    assert (ended.status, ended.stop_by, job.get_status()) == (Status.STOPPED, "Ada", "stopped")


def test_progress_in_the_jobs_meta_moves_the_bar(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with working(store):
        job = queue.enqueue(application.wait, str(gate))
        moved = eventually(lambda: held(hand, job) if held(hand, job).progress else None)
        gate.touch()
        ended = eventually(lambda: final(hand, job))

    assert (moved.progress, moved.message) == (25.0, "Waiting")
    assert (ended.status, ended.result) == (Status.FINISHED, "waited")


def test_what_the_application_does_around_its_jobs_is_done_as_before(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    queue.enqueue(application.fail, on_failure=application.ON_FAILURE)

    said = [burst(store, f"{APPLICATION}.HandledWorker")]
    queue.enqueue(application.add, 1)
    said += [burst(store, f"{APPLICATION}.{name}") for name in ("ConnectedWorker",)]

    assert "called back" in said[0]
    assert "handled not today" in said[0]
    assert said[1].index("opened a session") < said[1].index("closed the session")


def test_a_job_that_asks_to_be_run_again_is_until_it_may_not(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(application.again)

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.attempt, job.get_status()) == (Status.FAILED, 2, "failed")
    assert message_of(hand, job) == "The job asked to be run again, and was as often as it may."


@pytest.mark.parametrize("worker_class", ["rq.Worker", "rq.SimpleWorker"])
def test_the_log_has_what_anything_writes_in_order(
    store: Settings, hand: Hand, queue: Queue, worker_class: str
) -> None:
    job = queue.enqueue(application.shout)

    said = burst(store, worker_class)

    words = ["Python", "a system call", "a shell", "a program", "C"]
    lines = behind.log_of(store, job.id)
    last = ["to the error", "step 299", "no line's end"]
    assert lines == [*(f"from {word}" for word in words), *last]
    assert all(f"from {word}\n" in said for word in words)


def test_what_was_written_before_a_kill_is_in_the_log(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(application.shout_and_die)

    burst(store)

    assert hand.store.job(job.id).status == Status.FAILED
    assert behind.log_of(store, job.id)[:1000] == [f"line {number}" for number in range(1000)]


def test_a_program_that_goes_on_after_its_job_neither_delays_it_nor_ends(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    path = tmp_path / "done"
    job = queue.enqueue(application.leave_a_talker, str(path))

    with working(store):
        ended = eventually(lambda: final(hand, job))
        early = not path.exists()
        eventually(path.exists)

    assert (ended.status, early) == (Status.FINISHED, True)
    assert behind.log_of(store, job.id) == []


def test_much_output_costs_little_and_its_beginning_and_end_are_kept(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(application.write_much, 40)

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.log_lines) == (Status.FINISHED, 40 * 1024)
    assert len(behind.log_of(store, job.id)) < 11_000


@pytest.mark.parametrize("worker_class", ["rq.Worker", "headway.Worker"])
def test_what_a_job_is_called_with_is_loaded_in_its_own_process_only(
    store: Settings, queue: Queue, tmp_path: Path, worker_class: str
) -> None:
    loaded = tmp_path / "loaded"
    job = queue.enqueue(application.ids, application.Noticed(str(loaded)))

    burst(store, worker_class)

    found: Any = job.return_value(refresh=True)
    worker, work_horse = found
    assert set(loaded.read_text().split()) == {str(work_horse)}
    assert worker != work_horse


def test_without_a_store_the_worker_says_so_once_and_works_as_rqs_own(
    store: Settings, queue: Queue
) -> None:
    jobs = [queue.enqueue(application.add, number) for number in range(3)]
    missing = "postgresql://127.0.0.1:1/none"

    away = subprocess.run(
        command(store, "rq.Worker", "--burst"),
        env={**os.environ, "DATABASE_URL": missing, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=True,
    )

    assert [job.return_value(refresh=True) for job in jobs] == [1, 2, 3]
    assert away.stderr.count("jobs are not recorded until the store can be used") == 1


def test_without_the_name_of_a_store_it_says_what_to_set(
    store: Settings, queue: Queue, tmp_path: Path
) -> None:
    job = queue.enqueue(application.add, 1)
    names = {"DATABASE_URL", "DATA_DIR"}
    bare = {name: value for name, value in os.environ.items() if name not in names}

    done = subprocess.run(
        command(store, "rq.Worker", "--burst"),
        env={**bare, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=True,
    )

    assert job.return_value(refresh=True) == 2
    assert done.stderr.count("Headway records no jobs here: set DATABASE_URL, or DATA_DIR") == 1
    assert list(tmp_path.glob("data")) == []


def held(hand: Hand, job: Job) -> Record:
    """The job's record, or a blank one while there is none."""
    with suppress(UnknownJob):
        return hand.store.job(job.id)
    return Record(
        id=job.id,
        kind="",
        queue="",
        status=Status.QUEUED,
        seq=0,
        attempt=0,
        max_attempts=1,
        created_at="",
        updated_at="",
    )


def final(hand: Hand, job: Job) -> Record | None:
    """The record once it is final."""
    record = held(hand, job)
    return record if record.final else None


def message_of(hand: Hand, job: Job) -> str:
    """What the record says went wrong."""
    record = hand.store.job(job.id)
    assert record.error is not None
    return record.error.message


def test_a_worker_is_known_by_its_own_process_whichever_ran_its_last_job(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    rest = [queue.enqueue(application.rest, seconds) for seconds in (2.5, 2.5)]
    with working(store) as worker, Reconciler(store) as reconciler:

        def ended() -> bool:
            reconciler.round()
            return all(job.is_finished or job.is_failed for job in rest)

        eventually(ended, within=LONGEST_SECONDS)
        seen = behind.run(store, "SELECT pid FROM workers")

    assert [job.get_status() for job in rest] == ["finished", "finished"]
    assert seen == [(worker.pid,)]
