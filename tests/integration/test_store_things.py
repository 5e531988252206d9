"""Things that jobs make: a table that is not the store's own, read beside the state of the jobs."""

from __future__ import annotations

import pytest

from headway.model.record import Artifact, Record
from headway.settings import Settings
from headway.store import Reader, Writer
from headway.store.guest_tables import Things
from tests.support import behind, worker_process
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_BOTH

pytestmark = ON_BOTH

TABLE = (
    "CREATE TABLE IF NOT EXISTS cards (id TEXT NOT NULL PRIMARY KEY, job_id TEXT NOT NULL,"
    " word TEXT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS cards_by_age ON cards (created_at, id)",
)
FACE = "face.png"
CARDS = Things("cards", ["id", "job_id", "word", "created_at"], long=["word"], files=[FACE])
AT = "2026-01-0{}T00:00:00.000000Z"


@pytest.fixture
def cards(hand: Hand) -> Hand:
    """A hand at a store that has the table."""
    hand.store.define(TABLE)
    return hand


def a_card(hand: Hand, name: str, day: int) -> Record:
    """The job of a new card."""
    record = a_record()

    def also(store: Writer) -> None:
        card = {"id": name, "job_id": record.id, "word": "ace", "created_at": AT.format(day)}
        CARDS.add(store, card)

    created = hand.store.create(record, also=also)
    assert created is not None
    return created


async def test_a_thing_is_read_with_the_state_of_its_job_and_the_files_that_are_there(
    cards: Hand, reader: Reader
) -> None:
    job = cards.start(a_card(cards, "one", 1))
    running = await CARDS.one(reader, "one")

    job = cards.attach(job, Artifact(FACE, "image/png", 1), Artifact("other.txt", "text/plain", 1))
    cards.finish(job, {"caption": "é"})
    ended = await CARDS.one(reader, "one")

    assert running is not None
    assert (running["job_status"], running["job_result"]) == ("started", None)
    assert running["files"] == frozenset()
    assert ended is not None
    assert (ended["id"], ended["word"], ended["job_id"]) == ("one", "ace", job.id)
    assert (ended["job_status"], ended["job_result"]) == ("finished", {"caption": "é"})
    assert ended["files"] == {FACE}


async def test_a_thing_outlives_its_job(store: Settings, cards: Hand, reader: Reader) -> None:
    job = a_card(cards, "one", 1)
    behind.run(store, "DELETE FROM jobs WHERE id = ?", job.id)

    left = await CARDS.one(reader, "one")

    assert left is not None
    assert (left["word"], left["job_status"]) == ("ace", None)
    assert await CARDS.one(reader, "another") is None


async def test_a_list_has_the_newest_first_and_leaves_what_is_long_in_the_store(
    cards: Hand, reader: Reader
) -> None:
    for name, day in (("b", 1), ("c", 2), ("a", 2)):
        a_card(cards, name, day)

    first = await CARDS.newest(reader, most=2)
    rest = await CARDS.newest(reader, before="a", most=2)

    assert [card["id"] for card in first] == ["c", "a"]
    assert [card["id"] for card in rest] == ["b"]
    assert all("word" not in card for card in first + rest)
    assert await CARDS.newest(reader, before="nobody", most=2) == []


def test_processes_that_define_a_table_at_once_make_one(store: Settings) -> None:
    processes = [worker_process.start(store, _define) for _ in range(3)]
    for process in processes:
        process.join(worker_process.LONGEST_SECONDS)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert behind.run(store, "SELECT count(*) FROM cards") == [(0,)]


def _define(settings: Settings) -> None:
    with Writer(settings) as writer:
        writer.define(TABLE)


def test_text_of_such_a_table_sorts_by_code_point(store: Settings, cards: Hand) -> None:
    for name in ("a", "B", "ä", "Z"):
        a_card(cards, name, 1)

    rows = behind.run(store, "SELECT id FROM cards ORDER BY id")

    assert [row[0] for row in rows] == ["B", "Z", "a", "ä"]


def test_a_table_that_is_there_is_defined_again_without_waiting_for_a_writer(
    store: Settings, cards: Hand
) -> None:
    cards.store.wait_up_to(1)

    with behind.locked(store):
        cards.store.define(TABLE)
