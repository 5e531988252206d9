"""Applications with RQ 1.16 to 3.0 and stock workers are seen, and acted upon, as they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from socket import gethostname

import psutil
import pytest
import redis

from headway.broker.connection import connected
from headway.mirror import rq_actions
from headway.mirror.registries import Registries
from headway.mirror.rq_job import RqJob, RqProgress
from headway.mirror.rq_workers import GONE_SECONDS, Workers, lost_jobs
from tests.support.rq_versions import PACKAGES, Application, kill
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

BEFORE = {
    "plain": "queued",
    "raising": "queued",
    "number": "queued",
    "bytes": "queued",
    "point": "queued",
    "again": "queued",
    "later": "scheduled",
    "hanging": "queued",
    "after": "deferred",
}
BEHIND = {
    "plain": "finished",
    "raising": "failed",
    "number": "finished",
    "bytes": "finished",
    "point": "finished",
    "again": "scheduled",
    "later": "scheduled",
    "hanging": "started",
    "after": "deferred",
}


class Mirrored:
    """What was seen of an application, look by look, and never otherwise."""

    def __init__(self, connection: redis.Redis) -> None:
        self._registries = Registries(connection)
        self.jobs: dict[str, RqJob] = {}

    def look(self) -> dict[str, str | None]:
        """Look once; the status of each job."""
        for job_id, job in self._registries.jobs.whole(self._registries.look().changed).items():
            if job is None:
                self.jobs.pop(job_id, None)
            else:
                self.jobs[job_id] = job
        return {job_id: job.status for job_id, job in self.jobs.items()}

    def until(self, statuses: dict[str, str]) -> None:
        with suppress(AssertionError):
            eventually(lambda: self.look() == statuses)
        assert self.look() == statuses

    def until_job(self, job_id: str, fact: Callable[[RqJob], bool]) -> RqJob:
        """Look until the fact is true of the job."""
        eventually(lambda: self.look() and fact(self.jobs[job_id]))
        return self.jobs[job_id]


@pytest.fixture
def connection(valkey: Valkey) -> Iterator[redis.Redis]:
    with connected(valkey.url) as opened:
        yield opened


@pytest.fixture
def mirrored(connection: redis.Redis) -> Mirrored:
    return Mirrored(connection)


@pytest.mark.parametrize("version", PACKAGES)
def test_an_application_is_seen_and_acted_upon(
    version: str, valkey: Valkey, connection: redis.Redis, mirrored: Mirrored
) -> None:
    application = Application(version, valkey.url)
    application.enqueue()
    mirrored.until(BEFORE)
    assert mirrored.jobs["after"].dependency_ids == ("later",)

    with application.worker("first") as worker:
        mirrored.until(BEHIND)
        says_what_jobs_left(mirrored.jobs)
        mirrored.until_job("hanging", lambda job: job.progress is not None)
        assert mirrored.jobs["hanging"].progress == RqProgress(25.0, 1, 4, "first of four")

        people_act(connection, mirrored)
        rq_actions.requeue(connection, "hanging")
        hanging = mirrored.until_job("hanging", lambda job: job.status == "started")
        is_lost_once_nothing_of_its_worker_lives(connection, hanging, version, worker)


@pytest.mark.parametrize("version", ["1.16.2", "3.0.0"])
def test_a_worker_without_a_work_horse_is_gone_when_it_is_killed(
    version: str, valkey: Valkey, connection: redis.Redis, mirrored: Mirrored
) -> None:
    application = Application(version, valkey.url)
    application.enqueue()

    with application.worker("first", "rq.SimpleWorker") as worker:
        mirrored.until(BEHIND)
        hanging = mirrored.jobs["hanging"]
        is_lost_once_nothing_of_its_worker_lives(connection, hanging, version, worker)


def says_what_jobs_left(jobs: dict[str, RqJob]) -> None:
    plain, raising, again = jobs["plain"], jobs["raising"], jobs["again"]
    assert plain.function == "application.add"
    assert (plain.args, plain.kwargs, plain.meta) == ([1, 2], {"loud": True}, {"user": 7})
    assert (plain.outcome, plain.result, plain.origin) == ("successful", 3, "default")
    assert plain.created_at and plain.enqueued_at and plain.started_at and plain.ended_at
    assert plain.created_at <= plain.enqueued_at <= plain.started_at <= plain.ended_at
    assert raising.outcome == "failed"
    assert raising.exc_info is not None
    assert raising.exc_info.rstrip().endswith("ValueError: no luck")
    assert [jobs[one].result for one in ("number", "bytes")] == ["nan", "<3 bytes>"]
    assert jobs["point"].args == ["<application.Point x=1, y=2>"]
    assert jobs["point"].result == "<application.Point x=2, y=2>"
    assert (again.retries_left, again.retry_intervals) == (1, (3600, 7200))


def people_act(connection: redis.Redis, mirrored: Mirrored) -> None:
    """Each action is done by that version's worker, or shows in its registries."""
    rq_actions.cancel(connection, "later")
    rq_actions.delete(connection, "again")
    rq_actions.requeue(connection, "raising")
    rq_actions.requeue(connection, "plain")
    first = mirrored.jobs["plain"].ended_at
    rq_actions.stop(connection, "hanging")

    mirrored.until(
        {**{one: how for one, how in BEHIND.items() if one != "again"}}
        | {"later": "canceled", "hanging": "stopped"}
    )
    plain = mirrored.until_job("plain", lambda job: job.ended_at != first)
    assert (plain.status, plain.result, plain.meta) == ("finished", 3, {"user": 7})


def is_lost_once_nothing_of_its_worker_lives(
    connection: redis.Redis, job: RqJob, version: str, process: psutil.Popen
) -> None:
    ahead = 0.0
    workers = Workers(connection, clock=lambda: time.time() + ahead)
    (worker,) = found = workers.look([job])
    assert (worker.name, worker.version, worker.listeners) == ("first", version, 1)
    assert (worker.state, worker.queues, worker.hostname) == ("busy", ("default",), gethostname())
    assert worker.successful_jobs is not None
    assert lost_jobs([job], found) == []

    orphans = process.children()
    kill(process)
    for orphan in orphans:
        workers.look([job])
        ahead += GONE_SECONDS
        assert lost_jobs([job], workers.look([job])) == []
        kill(orphan)

    eventually(lambda: workers.look([job])[0].listeners == 0)
    assert lost_jobs([job], workers.look([job])) == []
    ahead += GONE_SECONDS
    assert lost_jobs([job], workers.look([job])) == [job]
