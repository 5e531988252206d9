"""The reconciler: records that were deleted long ago are removed, and nobody misses a deletion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headway.errors import UnknownJob
from headway.maintenance.reconciler import TOMBSTONE_SECONDS, Reconciler
from headway.model.record import Record, as_time, now, seconds_of
from headway.settings import Settings
from headway.store import Reader
from tests.support import behind
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_BOTH

pytestmark = ON_BOTH

LONG_AGO = as_time(seconds_of(now()) - 2 * TOMBSTONE_SECONDS)


@pytest.fixture
def reconciler(store: Settings) -> Iterator[Reconciler]:
    """One that keeps the tombstones of the two newest changes."""
    with Reconciler(store, newest=2) as made:
        yield made


def deleted(hand: Hand) -> Record:
    """A job's tombstone."""
    return hand.delete(hand.finish(hand.start(hand.create())))


def ids(store: Settings) -> list[str]:
    """Of every row, in the order of their changes."""
    return [row[0] for row in behind.run(store, "SELECT id FROM jobs ORDER BY seq")]


def test_old_tombstones_are_removed_but_for_the_newest_changes(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    stones = [deleted(hand) for _ in range(4)]
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    reconciler.round()

    assert ids(store) == [stone.id for stone in stones[2:]]
    assert hand.create().seq == stones[-1].seq + 1


def test_what_was_deleted_lately_and_what_was_not_stays(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    kept = hand.finish(hand.start(hand.create()))
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)
    rows = [kept.id, deleted(hand).id, deleted(hand).id, deleted(hand).id]

    reconciler.round()

    assert ids(store) == rows


def test_what_a_deleted_job_made_still_knows_how_it_ended(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    record = a_record()
    created = hand.store.create(record, also=lambda it: it.keep_tombstone(record.id))
    assert created is not None
    hand.delete(hand.finish(hand.start(created)))
    others = [deleted(hand) for _ in range(3)]
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    reconciler.round()

    assert ids(store) == [record.id, others[-2].id, others[-1].id]


async def test_a_reader_that_was_away_for_days_hears_of_every_deletion_or_begins_anew(
    store: Settings, hand: Hand, reader: Reader, reconciler: Reconciler
) -> None:
    stones = [deleted(hand) for _ in range(4)]
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)
    reconciler.round()

    for missed in range(4):
        since = await reader.changes_since(stones[missed].seq - 1, most=2)
        heard = {record.id for record in since.records}
        assert len(heard) >= 2 or heard == {stone.id for stone in stones[missed:]}
        assert since.seq == stones[-1].seq


def test_an_id_whose_tombstone_is_gone_is_free(
    store: Settings, hand: Hand, reconciler: Reconciler
) -> None:
    stone, *_ = [deleted(hand) for _ in range(3)]
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)
    reconciler.round()

    with pytest.raises(UnknownJob):
        hand.store.job(stone.id)
    assert hand.create(id=stone.id).seq > stone.seq
