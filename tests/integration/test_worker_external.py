"""Jobs that other programs put into RQ, with either of its serializers."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from headway.errors import UnknownJob
from headway.model.record import Origin, Status
from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.databases import ON_POSTGRESQL
from tests.support.postgres import Postgres
from tests.support.waiting import eventually
from tests.support.worker_process import burst, submit, working

TOYS = "tests.support.toy_jobs"


@pytest.fixture
def queue(hand: Hand) -> Queue:
    """RQ's own queue, as another program has it."""
    return Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)


def test_a_plain_function_is_recorded_like_any_job(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(f"{TOYS}.plain", 2, b=3)

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.result, record.progress) == (Status.FINISHED, 5, 100.0)
    assert (record.kind, record.title) == (f"{TOYS}.plain", "plain")
    assert record.params == {"args": [2], "kwargs": {"b": 3}}
    assert record.origin == Origin.APPLICATION


def test_a_plain_function_under_the_id_of_a_job_of_ours_is_run_and_not_taken_for_it(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    traces = tmp_path / "traces"
    ours = hand.create()
    queue.enqueue(f"{TOYS}.append", str(traces), job_id=ours.id)

    said = burst(store)

    assert hand.store.job(ours.id) == ours
    assert traces.exists()
    assert f"job {ours.id} has the id of one of Headway's: it is not recorded" in said


def test_a_plain_function_may_report(store: Settings, hand: Hand, queue: Queue) -> None:
    job = queue.enqueue(f"{TOYS}.plain_with_report", "Half-way")

    burst(store)

    assert hand.store.job(job.id).message == "Half-way"


def test_rq_itself_knows_the_result_of_its_job(store: Settings, hand: Hand, queue: Queue) -> None:
    job = queue.enqueue(f"{TOYS}.plain", 2)

    burst(store)

    assert job.return_value(refresh=True) == 3


def test_a_plain_functions_failure_has_its_traceback(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(f"{TOYS}.plain_failure")

    burst(store)

    record = hand.store.job(job.id)
    assert record.status == Status.FAILED
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("RuntimeError", "not today")
    assert "plain_failure" in str(record.error.traceback)


def test_rqs_own_retries_are_attempts_of_the_record(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(f"{TOYS}.plain_failure", retry=Retry(max=2))

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.attempt, record.max_attempts) == (Status.FAILED, 3, 3)
    query = "SELECT status FROM attempts WHERE job_id = ? ORDER BY number"
    assert behind.run(store, query, job.id) == [("failed",)] * 3


def test_a_function_that_asks_to_be_run_again_is(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    job = queue.enqueue(f"{TOYS}.plain_retry", str(tmp_path / "seen"))

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.result, record.attempt) == (Status.FINISHED, "second time", 2)


def test_a_pickled_job_is_run_and_its_result_goes_back_as_a_pickle(
    store: Settings, hand: Hand
) -> None:
    pickled, day = Queue("toys", connection=hand.client.redis), datetime(2026, 1, 31, tzinfo=UTC)
    job = pickled.enqueue(f"{TOYS}.give_back", {"day": day, "price": Decimal("1.50")})

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.kind) == (Status.FINISHED, f"{TOYS}.give_back")
    assert record.result == {"day": "2026-01-31T00:00:00Z", "price": "1.50"}
    assert job.return_value(refresh=True) == {"day": day, "price": Decimal("1.50")}


def test_a_pickled_jobs_meta_comes_back_as_it_was(store: Settings, hand: Hand) -> None:
    pickled = Queue("toys", connection=hand.client.redis)
    parent = pickled.enqueue(f"{TOYS}.plain", 1)
    child = pickled.enqueue(f"{TOYS}.plain", 2, depends_on=parent, meta={"of": {1, 2}})

    burst(store)

    assert Job.fetch(child.id, connection=pickled.connection).meta == {"of": {1, 2}}
    assert hand.store.job(child.id).status == Status.FINISHED


@pytest.mark.parametrize(
    "value", [b"\x00\xff", math.nan, {1: object()}], ids=["bytes", "nan", "object"]
)
def test_a_result_that_is_no_json_stays_with_rq_and_is_described(
    store: Settings, hand: Hand, value: Any
) -> None:
    pickled = Queue("toys", connection=hand.client.redis)
    job = pickled.enqueue(f"{TOYS}.give_back", value)

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.result, record.error) == (Status.FINISHED, None, None)
    assert record.message.startswith(f"Returned {type(value).__name__}, no JSON; RQ keeps it: ")
    assert type(job.return_value(refresh=True)) is type(value)


def test_a_pickle_that_cannot_be_read_fails_and_says_why(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(f"{TOYS}.plain", 1)
    job.data = b"\x80\x04\x8c\x07nowhere\x94\x8c\x05Thing\x94\x93\x94."
    job.save()

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.kind) == (Status.FAILED, "(cannot be read)")
    assert record.error is not None
    assert "No module named 'nowhere'" in record.error.message


@ON_POSTGRESQL
def test_jobs_that_begin_while_the_store_is_away_run_when_it_is_back(
    store: Settings, hand: Hand, queue: Queue, shared_postgres: Postgres
) -> None:
    said = store.data_dir / "worker.out"
    with working(store):
        eventually(lambda: behind.run(store, "SELECT 1 FROM workers"))
        hand.store.read_epoch()  # connected, from now on
        with shared_postgres.refusing():
            others, ours = queue.enqueue(f"{TOYS}.plain", 2), submit(hand, "toy.count")
            eventually(lambda: "waiting for the store" in said.read_text())

        eventually(lambda: finished(hand, others.id) and finished(hand, ours.id))


def finished(hand: Hand, job_id: str) -> bool:
    """True once the record says so."""
    with suppress(UnknownJob):
        return hand.store.job(job_id).status == Status.FINISHED
    return False


def test_an_unknown_function_fails_and_says_its_name(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue("nowhere.to.be_found", 1)

    burst(store)

    record = hand.store.job(job.id)
    assert record.status == Status.FAILED
    assert record.error is not None
    assert "nowhere" in record.error.message


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(f"{TOYS}.plain", 5), (f"{TOYS}.plain", [1]), ("half \ud800 a pair.x", {})],
    ids=["no list", "no mapping", "no words"],
)
def test_a_job_that_cannot_be_called_fails_and_is_recorded(
    store: Settings, hand: Hand, queue: Queue, function: str, arguments: Any
) -> None:
    job = queue.enqueue(f"{TOYS}.plain", 1)
    job.data = json.dumps((function, None, arguments, arguments)).encode()
    job.save()

    burst(store)

    record = hand.store.job(job.id)
    assert record.status == Status.FAILED
    assert record.kind == function.replace("\ud800", "?")


def test_a_job_enqueued_once_more_gets_its_next_attempt(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    job = queue.enqueue(f"{TOYS}.append", str(path))
    burst(store)

    queue.enqueue_job(Job.fetch(job.id, connection=queue.connection, serializer=JSONSerializer))
    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.attempt) == (Status.FINISHED, 2)
    assert path.read_text() == "ran\nran\n"


def test_a_job_enqueued_once_more_with_other_arguments_shows_those(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    for a in (3, 4):
        queue.enqueue(f"{TOYS}.plain", a, b=5, job_id="nightly")
        burst(store)

    record = hand.store.job("nightly")
    assert (record.attempt, record.result) == (2, 9)
    assert record.params == {"args": [4], "kwargs": {"b": 5}}


def test_a_job_enqueued_once_more_after_its_record_was_deleted_begins_anew(
    store: Settings, hand: Hand, queue: Queue, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    queue.enqueue(f"{TOYS}.plain_failure", job_id="nightly")
    burst(store)
    hand.client.delete("nightly")
    deleted = behind.counter(store)

    for _ in range(2):
        queue.enqueue(f"{TOYS}.append", str(path), job_id="nightly")
        burst(store)

    record = hand.store.job("nightly")
    assert path.read_text() == "ran\nran\n"
    assert (record.status, record.attempt, record.error) == (Status.FINISHED, 2, None)
    assert record.kind == f"{TOYS}.append"
    assert record.seq > deleted


def test_arguments_that_are_not_finite_are_shown_in_words_and_the_job_runs(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue("builtins.repr", {"limits": [math.nan, -math.inf, 1.5]})

    burst(store)

    record = hand.store.job(job.id)
    assert (record.status, record.result) == (Status.FINISHED, "{'limits': [nan, -inf, 1.5]}")
    assert record.params["args"] == [{"limits": ["NaN", "-Infinity", 1.5]}]


def test_arguments_that_json_cannot_say_are_shown_in_words(
    store: Settings, hand: Hand, queue: Queue
) -> None:
    job = queue.enqueue(f"{TOYS}.plain", "x" * 10_000)

    burst(store)

    record = hand.store.job(job.id)
    assert record.status == Status.FAILED
    assert record.params["args"][0].startswith("xxx")
