"""Jobs that leave their process nothing to tell their end with: they end, and the queue goes on."""

from __future__ import annotations

from datetime import datetime

import pytest

from headway.errors import StoreUnavailable
from headway.model.record import Status
from headway.settings import Settings
from headway.supervisor import work_on
from headway.worker.worker import Timings
from tests.support.by_hand import Hand
from tests.support.worker_process import LONGEST_SECONDS, burst, start, submit


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        ("close standard", Status.FINISHED, None),
        ("file size", Status.FINISHED, None),
        ("descriptors", Status.FAILED, "Too many open files"),
        ("memory", Status.FAILED, "Out of memory"),
    ],
)
def test_a_job_that_starves_its_own_process_tells_its_end_all_the_same(
    store: Settings, hand: Hand, what: str, status: Status, said: str | None
) -> None:
    starving, after = submit(hand, "toy.starve", text=what), submit(hand, "toy.count")

    burst(store)

    ended = hand.store.job(starving.id)
    assert ended.status == status
    if said is None:
        assert ended.result == "done"
    else:
        assert ended.error is not None
        assert said in ended.error.message
    assert hand.store.job(after.id).status == Status.FINISHED


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("toy.starve", {"text": "close"}),
        ("toy.starve", {"text": "file size for good"}),
        ("toy.starve_on", {}),
    ],
)
def test_a_job_that_takes_the_store_from_its_process_is_ended_before_anybody_waits_for_it(
    store: Settings, hand: Hand, kind: str, params: dict[str, str]
) -> None:
    mute, after = submit(hand, kind, **params), submit(hand, "toy.count")

    burst(store)

    ended = hand.store.job(mute.id)
    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.type == "EndUntold"
    assert ended.started_at is not None
    assert ended.ended_at is not None
    took = datetime.fromisoformat(ended.ended_at) - datetime.fromisoformat(ended.started_at)
    assert took.total_seconds() < Timings().speechless / 2
    assert hand.store.job(after.id).status == Status.FINISHED


def test_a_job_whose_process_alone_waits_for_the_store_is_ended_by_its_worker(
    store: Settings, hand: Hand
) -> None:
    mute, after = submit(hand, "toy.starve", text="close"), submit(hand, "toy.count")

    start(store, _work, output=store.data_dir / "worker.out").join(LONGEST_SECONDS)

    ended = hand.store.job(mute.id)
    assert ended.status == Status.FAILED
    assert ended.error is not None
    assert ended.error.type == "EndUntold"
    assert hand.store.job(after.id).status == Status.FINISHED


def _work(settings: Settings) -> None:
    patch = pytest.MonkeyPatch()
    # Closed files are noticed at once; this one takes them for a store that is away.
    patch.setattr("headway.store.sqlite.StoreLost", StoreUnavailable)
    work_on(settings, "toys", burst=True, timings=Timings(look=1, renewal=0.5, speechless=2.0))
