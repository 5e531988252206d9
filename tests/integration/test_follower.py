"""Records of applications' jobs follow what RQ has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headway.maintenance.follower import Follower
from headway.mirror.rq_job import RqJob, RqProgress
from headway.model.record import Origin, Record, Status, now
from headway.settings import Settings
from headway.workhorse.claim import claim
from tests.support import behind
from tests.support.by_hand import Hand


@pytest.fixture
def follower(hand: Hand) -> Follower:
    """One that writes and publishes."""
    return Follower(hand.store)


def a_job(**fields: Any) -> RqJob:
    """A queued job of an application, as RQ has it; `fields` say what is different."""
    plain: dict[str, Any] = {
        "id": "nightly",
        "status": "queued",
        "origin": "app",
        "function": "app.mails.send",
        "args": ["Ada"],
        "kwargs": {"again": True},
        "created_at": "2026-01-31T12:00:00.000000Z",
    }
    return RqJob(**plain | fields)


def test_a_job_is_there_from_the_moment_it_is_enqueued(hand: Hand, follower: Follower) -> None:
    follower.follow(a_job())

    record = hand.store.job("nightly")
    assert (record.status, record.queue, record.origin) == (Status.QUEUED, "app", "application")
    assert (record.kind, record.title, record.recorded) == ("app.mails.send", "send", False)
    assert record.params == {"args": ["Ada"], "kwargs": {"again": True}}


def test_the_group_of_a_job_and_what_it_depends_on_are_shown(
    hand: Hand, follower: Follower
) -> None:
    follower.follow(a_job(args=None, kwargs=None, group="night", dependency_ids=("first",)))

    assert hand.store.job("nightly").params == {"depends_on": ["first"], "group": "night"}


def test_a_queued_job_no_longer_says_what_it_waited_for(hand: Hand, follower: Follower) -> None:
    follower.follow(a_job(status="deferred", dependency_ids=("first",)))

    follower.follow(a_job())

    assert hand.store.job("nightly").message == ""


@pytest.mark.parametrize(
    ("said", "status", "fields"),
    [
        ({"status": "deferred", "dependency_ids": ("a", "b")}, Status.DEFERRED,
         {"message": "Waits for job a and 1 more."}),
        ({"status": "started", "worker_name": "w", "started_at": "2026-01-31T12:00:01.000000Z",
          "progress": RqProgress(25.0, message="Resizing")}, Status.STARTED,
         {"worker": "w", "progress": 25.0, "message": "Resizing"}),
        ({"status": "finished", "result": {"sent": 3}}, Status.FINISHED,
         {"result": {"sent": 3}, "progress": 100.0}),
        ({"status": "stopped"}, Status.STOPPED, {}),
        ({"status": "canceled"}, Status.CANCELED, {}),
        ({"status": "rate_limited", "rate_limit_key": "mail"}, Status.QUEUED,
         {"message": "Waits for room in the rate limit mail."}),
    ],
)  # fmt: skip
def test_each_state_of_rqs_is_one_here(
    hand: Hand, follower: Follower, said: dict[str, Any], status: Status, fields: dict[str, Any]
) -> None:
    for known_before in (False, True):
        job = a_job(id=f"job-{known_before}")
        if known_before:
            follower.follow(job)

        follower.follow(replace(job, **said))

        record = hand.store.job(job.id)
        assert record.status == status
        assert {name: getattr(record, name) for name in fields} == fields


def test_a_failed_job_has_its_traceback(hand: Hand, follower: Follower) -> None:
    said = "Traceback (most recent call last):\n  …\nValueError: no luck"

    follower.follow(a_job(status="failed", exc_info=said))

    error = hand.store.job("nightly").error
    assert error is not None
    assert (error.type, error.message, error.traceback) == ("ValueError", "no luck", said)


def test_a_job_that_runs_again_gets_its_next_attempt(
    store: Settings, hand: Hand, follower: Follower
) -> None:
    for said in ("started", "scheduled", "started", "finished", "queued"):
        follower.follow(a_job(status=said), run_at=now() if said == "scheduled" else None)

    record = hand.store.job("nightly")
    assert (record.status, record.attempt) == (Status.QUEUED, 3)
    query = "SELECT number, status FROM attempts WHERE job_id = ? ORDER BY number"
    assert behind.run(store, query, "nightly") == [(1, "failed"), (2, "finished")]


def test_what_a_worker_records_is_put_right_only_when_it_is_seen_twice(
    hand: Hand, follower: Follower
) -> None:
    record = started(hand)

    first = follower.follow(a_job(status="failed", exc_info="Moved by RQ"))
    doubtful = follower.doubtful
    second = follower.follow(a_job(status="failed", exc_info="Moved by RQ"))

    assert (first, doubtful) == (record, ["nightly"])
    assert second is not None
    assert (second.status, follower.doubtful) == (Status.FAILED, [])


def test_an_end_that_rq_has_otherwise_is_rqs(hand: Hand, follower: Follower) -> None:
    hand.fail(started(hand))

    for _ in range(2):
        follower.follow(a_job(status="finished", result=1))

    record = hand.store.job("nightly")
    assert (record.status, record.result, record.attempt) == (Status.FINISHED, 1, 1)


def test_what_changed_since_it_was_read_is_not_written_over(hand: Hand) -> None:
    read = Follower(hand.store).follow(a_job())
    assert read is not None
    moved = started(hand, read)

    assert hand.store.save(read, follow=True, status=Status.CANCELED) is None
    assert hand.store.job("nightly") == moved


def test_a_worker_that_records_takes_over_what_rq_has_as_started(
    hand: Hand, follower: Follower
) -> None:
    follower.follow(a_job(status="started", worker_name="w"))

    taken = claim(hand.store, hand.store.job("nightly"), "a-worker")

    assert taken is not None
    assert (taken.attempt, taken.recorded, taken.worker) == (1, True, "a-worker")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"status": "started"}, Status.FINISHED),
        ({"result_ttl": 0}, Status.FINISHED),
        ({}, Status.FAILED),
    ],
)
def test_what_is_in_redis_no_more_has_ended(
    hand: Hand, follower: Follower, said: dict[str, Any], status: Status
) -> None:
    job = a_job(**said)
    known = follower.follow(job)
    assert known is not None

    follower.gone(known, job)

    assert hand.store.job("nightly").status == status


def test_a_job_of_ours_and_one_under_its_id_are_left_alone(hand: Hand, follower: Follower) -> None:
    ours = hand.create()

    follower.follow(a_job(id=ours.id))
    follower.follow(a_job(id=ours.id, function="headway.workhorse.work.work"))

    assert hand.store.job(ours.id) == ours


def started(hand: Hand, record: Record | None = None) -> Record:
    """The record as a recording worker has claimed it."""
    if record is None:
        record = hand.create(id="nightly", queue="app", origin=Origin.APPLICATION)
    return hand.start(replace(record, recorded=True))
