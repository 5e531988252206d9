"""An attempt as its work-horse lives it."""

from __future__ import annotations

from jobs.attempt import Attempt, prepare
from jobs.progress import report
from jobs.records import Status
from jobs.settings import Settings
from jobs.store import statements
from tests.support.by_hand import Hand


def test_a_job_builds_no_statement_that_its_worker_has_not_prepared(
    store: Settings, hand: Hand
) -> None:
    statements.save_job.cache_clear()
    prepare()
    record = hand.create()
    built = statements.save_job.cache_info().misses

    with Attempt(store, lambda: None) as attempt:
        assert attempt.take(record, "a-worker")
        attempt.run(lambda: report(50, "half"), retries=lambda: False)

    assert hand.store.job(record.id).status == Status.FINISHED
    assert statements.save_job.cache_info().misses == built
