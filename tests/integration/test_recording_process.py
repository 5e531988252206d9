"""The process that writes what a worker's jobs say, beside the worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from headway.broker.changes import channel, decode
from headway.model.record import Failure, Origin, Record, Status
from headway.settings import Settings
from headway.workhorse.output import pipes_to, redirected
from headway.workhorse.recording_process import POSSIBLE, RecordingProcess
from headway.workhorse.recording_server import PIECE_BYTES
from headway.workhorse.run_writer import RunWriter
from tests.support import behind
from tests.support.by_hand import Hand, a_record
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="no such sockets here")


@pytest.fixture
def process(store: Settings) -> Iterator[RecordingProcess]:
    """One that runs; begun before anything here opens the store, as a worker does."""
    made = RecordingProcess(lambda: RunWriter(store, store.redis_url, "a-worker"))
    made.start()
    with closing(made):
        yield made


def asked() -> Record:
    """A job of an application, as RQ has it."""
    return a_record(kind="app.add", origin=Origin.APPLICATION)


def begin(process: RecordingProcess, job: Record) -> None:
    process.call("begin", job, "{}", os.getpid())


def test_all_that_was_said_is_recorded_when_the_worker_ends(
    process: RecordingProcess, hand: Hand
) -> None:
    jobs = [asked() for _ in range(20)]
    for job in jobs:
        begin(process, job)
        process.log(f"of {job.id}")
        process.call("finish", "1", "", job.created_at, None)

    process.close()

    assert {hand.store.job(job.id).status for job in jobs} == {Status.FINISHED}
    assert behind.log_of(hand.settings, jobs[7].id) == [f"of {jobs[7].id}"]


def test_what_a_process_said_before_it_was_killed_is_recorded(
    process: RecordingProcess, hand: Hand
) -> None:
    job = asked()
    child = os.fork()
    if child == 0:
        process.call("begin", job, "{}", os.getpid())
        process.log("the last words")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    failure = Failure("Killed", "Killed by signal 9 (SIGKILL).")
    process.call("died", job, "failed", failure, None)
    process.close()

    record = hand.store.job(job.id)
    assert (record.status, record.error) == (Status.FAILED, failure)
    assert behind.log_of(hand.settings, job.id) == ["the last words"]


def test_a_long_message_comes_whole(process: RecordingProcess, hand: Hand) -> None:
    job, result = asked(), "x" * (20 * PIECE_BYTES)
    begin(process, job)
    process.call("finish", f'"{result}"', "", job.created_at, None)

    process.close()

    assert hand.store.job(job.id).result == result


def test_it_ends_with_its_worker_and_is_no_zombie(
    store: Settings, process: RecordingProcess
) -> None:
    pids = eventually(lambda: _writers(store.data_dir))

    process.close()

    assert pids == [process.pid]
    assert not psutil.pid_exists(process.pid)


def test_one_that_was_killed_is_started_again_for_the_next_job(
    store: Settings, process: RecordingProcess
) -> None:
    begin(process, asked())
    for pid in eventually(lambda: _writers(store.data_dir)):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not _writers(store.data_dir))
    job = asked()

    process.start()
    begin(process, job)
    process.call("finish", "1", "", job.created_at, None)
    process.close()

    assert behind.run(store, "SELECT status FROM jobs WHERE id = ?", job.id) == [("finished",)]


def test_short_jobs_are_recorded_together_but_for_one_that_makes_no_sense(
    store: Settings, process: RecordingProcess, hand: Hand
) -> None:
    jobs = [asked() for _ in range(20)]
    odd = asked()
    # Until all are said nothing is recorded.
    with frozen(process.pid):
        for job in (*jobs[:10], odd, *jobs[10:]):
            begin(process, job)
            process.call("finish", "no JSON" if job is odd else "1", "", job.created_at, None)

    process.close()

    records = [hand.store.job(job.id) for job in jobs]
    assert {(record.status, record.attempt) for record in records} == {(Status.FINISHED, 1)}
    assert hand.store.job(odd.id).status == Status.STARTED
    [(changes,)] = behind.run(store, "SELECT seq FROM counter")
    assert changes == 2 * len(jobs) + 1


def test_of_jobs_that_are_recorded_together_each_change_is_told(
    process: RecordingProcess, hand: Hand
) -> None:
    jobs = [asked() for _ in range(3)]
    with closing(hand.client.redis.pubsub()) as listener:  # type: ignore[no-untyped-call]
        listener.subscribe(channel(hand.store.read_epoch()))
        with frozen(process.pid):
            for job in jobs:
                begin(process, job)
                process.call("finish", "1", "", job.created_at, None)

        process.close()

        told = [listener.get_message(timeout=5) for _ in range(1 + 2 * len(jobs))][1:]
    seqs = [decode(message["data"])[2]["seq"] for message in told if message is not None]
    assert seqs == list(range(seqs[0], seqs[0] + 2 * len(jobs)))


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that does nothing for the length of a `with`."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _writers(folder: Path) -> list[int]:
    """Other processes that have the store's file open."""
    found = []
    for each in psutil.process_iter():
        try:
            if each.pid != os.getpid() and any(
                opened.path == str(folder / "headway.db") for opened in each.open_files()
            ):
                found.append(each.pid)
        except psutil.Error:
            continue
    return found


def test_a_message_that_makes_no_sense_costs_only_itself(
    process: RecordingProcess, hand: Hand
) -> None:
    job = asked()
    begin(process, job)
    process.call("nonsense", 1)
    process.call("finish", "1", "", job.created_at, None)

    process.close()

    assert hand.store.job(job.id).status == Status.FINISHED


def test_a_job_runs_on_where_nobody_takes_what_it_writes(
    process: RecordingProcess, capfd: pytest.CaptureFixture[str]
) -> None:
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)

    with redirected(pipes_to(process.hand_over)):
        os.write(1, b"to the terminal")

    assert capfd.readouterr().out == "to the terminal"
