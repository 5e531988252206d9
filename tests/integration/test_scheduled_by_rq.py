"""Jobs that an application gave RQ for later run, with Headway's workers alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from rq import Queue, Retry
from rq.job import Job
from rq.scheduler import RQScheduler

from headway.maintenance.reconciler import Reconciler
from headway.maintenance.scheduler import Scheduler
from headway.model.record import Status
from headway.settings import Settings
from tests.support.by_hand import Hand
from tests.support.waiting import eventually
from tests.support.worker_process import burst

TOYS = "tests.support.toy_jobs"


@pytest.fixture
def queue(hand: Hand) -> Queue:
    """The application's queue, with pickles."""
    return Queue("toys", connection=hand.client.redis)


def queued(queue: Queue, round_: Callable[[], None], job: Job) -> bool:
    """True once a round has queued the job."""
    round_()
    return job.id in queue.job_ids


def test_a_job_for_later_is_queued_when_its_time_comes_and_keeps_what_it_had(
    hand: Hand, queue: Queue, reconciler: Reconciler
) -> None:
    job = queue.enqueue_in(timedelta(seconds=2), "builtins.len", [1], meta={"of": {1}})
    reconciler.round()
    early = queue.job_ids

    eventually(lambda: queued(queue, reconciler.round, job))

    assert early == []
    kept = Job.fetch(job.id, connection=hand.client.redis)
    assert (kept.meta, kept.args, kept.get_status()) == ({"of": {1}}, ([1],), "queued")


def test_a_retry_after_a_while_runs(
    store: Settings, hand: Hand, queue: Queue, reconciler: Reconciler, tmp_path: Path
) -> None:
    job = queue.enqueue(f"{TOYS}.plain_failure", retry=Retry(max=1, interval=1))
    burst(store)
    waits = hand.store.job(job.id)

    eventually(lambda: queued(queue, reconciler.round, job))
    burst(store)

    assert (waits.status, waits.attempt) == (Status.SCHEDULED, 2)
    assert waits.run_at is not None
    ended = hand.store.job(job.id)
    assert (ended.status, ended.attempt, job.get_status()) == (Status.FAILED, 2, "failed")


def test_another_scheduler_keeps_the_queues_it_has(
    hand: Hand, queue: Queue, reconciler: Reconciler
) -> None:
    job = queue.enqueue_in(timedelta(seconds=0), "builtins.len", [1])
    theirs = RQScheduler(["toys"], connection=hand.client.redis)
    theirs.acquire_locks()  # type: ignore[no-untyped-call]  # untyped in RQ

    reconciler.round()
    while_locked = queue.job_ids
    theirs.release_locks()  # type: ignore[no-untyped-call]  # untyped in RQ
    with closing(Scheduler(hand.client.redis)) as ours:
        ours.round()

    assert (while_locked, queue.job_ids) == ([], [job.id])
