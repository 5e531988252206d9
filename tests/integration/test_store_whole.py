"""What is written is written whole or not at all, whatever happens to the writer."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

import pytest

from headway.errors import StoreMisused, StoreUnavailable, UnknownJob
from headway.model.record import Record, now
from headway.settings import Settings
from headway.store import Writer
from headway.store.library import CharacterRow
from headway.store.sqlite import SqliteConnection
from tests.support import behind, worker_process
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_BOTH


@ON_BOTH
def test_an_id_is_given_once(store: Settings, hand: Hand) -> None:
    record = hand.create(message="first")

    assert hand.store.create(replace(record, message="second")) is None
    assert hand.store.job(record.id).message == "first"
    assert behind.counter(store) == 1


def a_character(job_id: str, **fields: Any) -> CharacterRow:
    """A character of a job."""
    plain: dict[str, Any] = {
        "id": "ada",
        "job_id": job_id,
        "name": "Ada",
        "age": 34,
        "gender": "",
        "personality_profile": "",
        "art_style": "oil",
        "user_id": None,
        "created_at": now(),
    }
    return CharacterRow(**plain | fields)


@ON_BOTH
def test_a_character_and_its_job_are_kept_together(hand: Hand) -> None:
    record = a_record()

    hand.store.create(record, a_character(record.id))

    kept = hand.store.character("ada")
    assert kept is not None
    assert kept.job_id == hand.store.job(record.id).id


@ON_BOTH
def test_a_character_that_cannot_be_kept_leaves_no_job(store: Settings, hand: Hand) -> None:
    first, second = a_record(), a_record()
    hand.store.create(first, a_character(first.id))

    with pytest.raises(StoreMisused):
        hand.store.create(second, a_character(second.id))

    with pytest.raises(UnknownJob):
        hand.store.job(second.id)
    assert behind.counter(store) == 1


@ON_BOTH
def test_a_job_that_cannot_be_kept_leaves_no_character(hand: Hand) -> None:
    record = hand.create()

    assert hand.store.create(record, a_character(record.id)) is None

    assert hand.store.character("ada") is None


@ON_BOTH
def test_a_writer_killed_in_its_transaction_leaves_the_store_as_it_was(
    store: Settings, hand: Hand
) -> None:
    record = hand.create()

    process = worker_process.start(store, _die_while_writing)
    process.join(worker_process.LONGEST_SECONDS)

    assert process.exitcode == -signal.SIGKILL
    assert hand.store.job(record.id) == record
    assert hand.change(record, message="written").seq == record.seq + 1


def _die_while_writing(settings: Settings) -> None:
    with behind.locked(settings) as connection:
        connection.execute("UPDATE counter SET seq = seq + 1")
        connection.execute("UPDATE jobs SET message = 'half'")
        os.kill(os.getpid(), signal.SIGKILL)


@ON_BOTH
def test_a_store_that_somebody_holds_is_unavailable_and_then_works_again(
    store: Settings, hand: Hand
) -> None:
    record = hand.create()
    with Writer(store, busy_milliseconds=20) as impatient:
        with behind.locked(store), pytest.raises(StoreUnavailable):
            impatient.save(record, message="written")

        assert impatient.save(record, message="written") is not None


def test_a_full_disk_is_told_and_the_writer_works_once_there_is_room(
    store: Settings, hand: Hand
) -> None:
    assert isinstance(hand.store._connection, SqliteConnection)
    connection = hand.store._connection.driver
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}").fetchall()
    large = a_record(message="x" * 100_000)

    with pytest.raises(StoreUnavailable):
        hand.store.create(large)
    connection.execute("PRAGMA max_page_count=1000000").fetchall()

    assert hand.store.create(large) is not None
    assert behind.counter(store) == 1


@ON_BOTH
def test_everything_in_a_record_comes_back_as_it_was(hand: Hand) -> None:
    record = a_record(
        title="שלום 🎈",
        params={"half": "\ud800", "quote": "'\"", "deep": [1, {"a": None}]},
        progress=12.5,
        owner="ada",
        run_at=now(),
    )

    created = hand.store.create(record)

    assert created is not None
    held: Record = hand.store.job(record.id)
    assert held == replace(record, seq=1)


@ON_BOTH
@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_cannot_say_is_not_kept(hand: Hand, odd: float) -> None:
    kept = hand.create(progress=odd, eta_seconds=odd)

    assert (kept.progress, kept.eta_seconds) == (None, None)
    assert hand.change(kept, eta_seconds=odd).eta_seconds is None
