"""An RQ application with nothing of Headway's in it, and a web beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from rq import Queue, Retry
from rq.job import Job

from headway.errors import UnknownJob
from headway.model.record import Record, Status
from headway.settings import Settings
from headway.store import workers
from tests.support import rq_application as application
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.waiting import eventually, eventually_async

RQ = Path(sys.executable).with_name("rq")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def queue(hand: Hand) -> Queue:
    """The application's queue."""
    return Queue("app", connection=hand.client.redis)


@contextmanager
def working(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of RQ's own that records nothing."""
    process = subprocess.Popen(
        [str(RQ), "worker", "--quiet", "-u", settings.redis_url, "app"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def held(hand: Hand, job: Job) -> Record | None:
    """The job's record, if there is one."""
    with suppress(UnknownJob):
        return hand.store.job(job.id)
    return None


def in_state(hand: Hand, job: Job, status: Status) -> Record | None:
    """The record once it says so."""
    record = held(hand, job)
    return record if record and record.status == status else None


def message_of(hand: Hand, job: Job) -> str | None:
    """What the record says."""
    record = held(hand, job)
    return record.message if record else None


def with_progress(hand: Hand, job: Job) -> Record | None:
    """The record once it has a progress."""
    record = held(hand, job)
    return record if record and record.progress is not None else None


def stalled(hand: Hand, job: Job) -> Record | None:
    """The record once its worker is lost."""
    record = held(hand, job)
    return record if record and record.stalled else None


async def test_jobs_are_shown_before_while_and_after_they_run(
    server: Server, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    first = queue.enqueue(application.wait, str(gate))
    child = queue.enqueue(application.add, 1, depends_on=first)
    later = queue.enqueue_in(timedelta(hours=1), application.add, 2)
    waiting = await eventually_async(lambda: in_state(hand, first, Status.QUEUED))
    deferred = await eventually_async(lambda: in_state(hand, child, Status.DEFERRED))
    scheduled = await eventually_async(lambda: in_state(hand, later, Status.SCHEDULED))
    asked = (await server.get(f"/api/jobs/{child.id}")).json()["waits_for"]
    page = (await server.get(f"/jobs/{child.id}")).text

    with working(server.settings):
        started = await eventually_async(lambda: in_state(hand, first, Status.STARTED))
        moved = await eventually_async(lambda: with_progress(hand, first))
        gate.touch()
        finished = await eventually_async(lambda: in_state(hand, first, Status.FINISHED))
        done = await eventually_async(lambda: in_state(hand, child, Status.FINISHED))

    assert waiting.kind == "tests.support.rq_application.wait"
    assert {record.recorded for record in (waiting, started, finished, done)} == {False}
    assert deferred.message == "Waits for wait."
    assert scheduled.run_at is not None
    assert asked == {"reason": "Waits for wait.", "job": first.id}
    assert f'href="/jobs/{first.id}"' in page
    assert "Reported by RQ alone" in page
    assert (moved.progress, moved.message) == (25.0, "Waiting")
    assert (finished.result, done.result) == ("waited", 2)


async def test_a_failure_has_its_traceback_and_a_retry_is_an_attempt(
    server: Server, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(application.fail, retry=Retry(max=1, interval=3600))
    with working(server.settings):
        waits = await eventually_async(lambda: in_state(hand, job, Status.SCHEDULED))
        plain = queue.enqueue(application.fail)
        failed = await eventually_async(lambda: in_state(hand, plain, Status.FAILED))

    assert waits.run_at is not None
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("RuntimeError", "not today")
    assert "in fail" in str(failed.error.traceback)


async def test_the_job_of_a_killed_worker_is_named_as_lost_and_not_as_failed(
    server: Server, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    job = queue.enqueue(application.wait, str(tmp_path / "gate"))
    with working(server.settings) as worker:
        await eventually_async(lambda: in_state(hand, job, Status.STARTED))
        family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        await eventually_async(lambda: workers.places(hand.store))

        for process in family:
            process.send_signal(signal.SIGKILL)
        worker.wait()  # a zombie would count as a process that is there
        lost = await eventually_async(lambda: stalled(hand, job), within=30)

    assert lost.status == Status.STARTED
    assert lost.message.startswith("Worker lost: nothing of ")


async def test_a_job_is_stopped_canceled_run_again_and_deleted_from_the_page(
    server: Server, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    waits = queue.enqueue(application.wait, str(tmp_path / "gate"), meta={"of": {1, 2}})
    cancel = queue.enqueue(application.add, 1)
    await eventually_async(lambda: held(hand, waits) and held(hand, cancel))
    canceled = await server.client.post(f"/api/jobs/{cancel.id}/stop")
    with working(server.settings):
        await eventually_async(lambda: in_state(hand, waits, Status.STARTED))
        asked = await server.client.post(f"/api/jobs/{waits.id}/stop")
        await eventually_async(lambda: in_state(hand, waits, Status.STOPPED))

    again = await server.client.post(f"/api/jobs/{waits.id}/retry")
    kept = Job.fetch(waits.id, connection=queue.connection)
    deleted = await server.client.delete(f"/api/jobs/{cancel.id}")

    assert (canceled.status_code, asked.status_code, again.status_code) == (202, 202, 202)
    assert (kept.get_status(), kept.meta["of"], kept.args) == (
        "queued", {1, 2}, (str(tmp_path / "gate"),)
    )  # fmt: skip
    assert deleted.status_code == 204
    assert not Job.exists(cancel.id, queue.connection)
    eventually(lambda: held(hand, cancel) is None)


async def test_a_child_whose_parent_failed_says_so(
    server: Server, hand: Hand, queue: Queue
) -> None:
    parent = queue.enqueue(application.fail)
    child = queue.enqueue(application.add, 1, depends_on=parent)
    with working(server.settings):
        await eventually_async(lambda: in_state(hand, parent, Status.FAILED))
    await eventually_async(lambda: in_state(hand, child, Status.DEFERRED))

    asked = (await server.get(f"/api/jobs/{child.id}")).json()["waits_for"]

    said = "fail, for which it waits, failed: it will not run."
    assert asked["reason"] == said
    await eventually_async(lambda: message_of(hand, child) == said)  # in lists, too
