"""What is written is written whole or not at all, whatever happens to the writer."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from headway.errors import StoreMisused, StoreUnavailable, UnknownJob
from headway.model.record import Record, now
from headway.settings import Settings
from headway.store import Writer
from headway.store.sql import Sql
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


NOTES = ("CREATE TABLE IF NOT EXISTS notes (id TEXT NOT NULL PRIMARY KEY, job_id TEXT NOT NULL)",)
KEEP_NOTE = Sql("INSERT INTO notes (id, job_id) VALUES ('one', :job_id)")


def with_note(hand: Hand, record: Record) -> Record | None:
    """The record created together with a note; there can be one note only."""
    hand.store.define(NOTES)
    return hand.store.create(record, also=lambda it: _keep_note(it, record))


def _keep_note(store: Writer, record: Record) -> None:
    store.run(KEEP_NOTE, {"job_id": record.id})


def notes(store: Settings) -> list[str]:
    """The jobs of the notes that are kept."""
    return [row[0] for row in behind.run(store, "SELECT job_id FROM notes")]


@ON_BOTH
def test_a_job_and_what_belongs_to_it_are_kept_together(store: Settings, hand: Hand) -> None:
    created = with_note(hand, a_record())

    assert created is not None
    assert notes(store) == [hand.store.job(created.id).id]


@ON_BOTH
def test_what_cannot_be_kept_with_its_job_leaves_no_job(store: Settings, hand: Hand) -> None:
    first, second = a_record(), a_record()
    with_note(hand, first)

    with pytest.raises(StoreMisused):
        with_note(hand, second)

    with pytest.raises(UnknownJob):
        hand.store.job(second.id)
    assert notes(store) == [first.id]
    assert behind.counter(store) == 1


@ON_BOTH
def test_a_job_that_cannot_be_kept_leaves_nothing_of_what_belongs_to_it(
    store: Settings, hand: Hand
) -> None:
    record = hand.create()

    assert with_note(hand, record) is None

    assert notes(store) == []


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
