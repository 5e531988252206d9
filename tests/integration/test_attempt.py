"""An attempt as its work-horse lives it."""

from __future__ import annotations

from typing import Any

import pytest
from rq.job import Job
from rq.serializers import JSONSerializer

from headway.broker.queues import WORK
from headway.errors import StoreUnavailable
from headway.model.record import Record, Status
from headway.progress import report
from headway.settings import Settings
from headway.store import Writer
from headway.workhorse.attempt import opened_store
from headway.workhorse.claim import claim
from headway.workhorse.work import ATTEMPT
from tests.support import behind
from tests.support.attempts import claimed
from tests.support.by_hand import Hand
from tests.support.databases import ON_POSTGRESQL
from tests.support.postgres import Postgres


def a_job(hand: Hand, record: Record) -> Job:
    """RQ's job for a record of a kind of ours."""
    arguments = (record.id, record.attempt)
    return Job.create(WORK, args=arguments, connection=hand.client.redis, serializer=JSONSerializer)


def test_a_job_claimed_by_a_write_whose_answer_was_lost_is_run(
    store: Settings, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, save = hand.create(), Writer.save
    answers = iter([False])

    def save_and_lose_the_first_answer(self: Writer, *args: Any, **options: Any) -> Record | None:
        saved = save(self, *args, **options)
        if next(answers, True):
            return saved
        raise StoreUnavailable("the connection broke at the commit")

    monkeypatch.setattr(Writer, "save", save_and_lose_the_first_answer)
    with claimed(store, record) as mine:
        mine.run(lambda: 1)
        mine.finish()

    assert hand.store.job(record.id).result == 1


def test_the_last_words_of_an_attempt_wait_for_the_store_and_the_next_one_with_them(
    store: Settings, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, save = hand.create(max_attempts=2), Writer.save
    answers = iter([False])

    def save_lines_the_second_time(self: Writer, *args: Any, **options: Any) -> Record | None:
        if options.get("lines") and not next(answers, True):
            raise StoreUnavailable("somebody else writes")
        return save(self, *args, **options)

    def fail() -> None:
        report.log("the last words")
        raise ValueError("no luck")

    monkeypatch.setattr(Writer, "save", save_lines_the_second_time)
    with claimed(store, record) as mine, pytest.raises(ValueError, match="no luck"):
        mine.run(fail)

    assert hand.store.job(record.id).status == Status.SCHEDULED
    assert behind.log_of(store, record.id) == ["the last words", "Attempt 1 failed: no luck"]


@ON_POSTGRESQL
def test_a_kind_runs_while_no_connection_can_be_had(
    store: Settings, hand: Hand, shared_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", store.database_url)
    record = hand.create(params={"to": 2})
    job = a_job(hand, record)

    with claimed(store, record) as mine, shared_postgres.refusing():
        setattr(job, ATTEMPT, mine)
        mine.run(job.perform)
        mine.finish()

    assert hand.store.job(record.id).result == {"counted": 2}


def test_a_job_that_another_worker_runs_is_not_claimed(store: Settings, hand: Hand) -> None:
    record = hand.create()
    hand.start(record, worker="another")

    with opened_store(store) as writer:
        assert claim(writer, record, "a-worker") is None
