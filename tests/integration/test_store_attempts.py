"""Further attempts, deletions and the log, in a real database."""

from __future__ import annotations

from typing import Any

import pytest

from headway.errors import UnknownJob
from headway.model.record import Artifact, Failure, Status
from headway.settings import Settings
from headway.store import Writer
from quart_app.live.hub import Hub
from tests.support import behind
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_BOTH
from tests.support.stages import changes_up_to, relaying

pytestmark = ON_BOTH

# What an earlier attempt left.
FILE = Artifact("note.txt", "text/plain", 4)
BAD_ENDS = frozenset({Status.FAILED, Status.STOPPED, Status.CANCELED})


def test_a_new_attempt_starts_clean_and_keeps_the_log(hand: Hand) -> None:
    record = hand.say(hand.start(hand.create(max_attempts=2)), "first try")
    record = hand.change(record, progress=40.0, step=1, steps=2, step_name="Sketch")
    record = hand.attach(record, FILE)
    failure = Failure("ValueError", "no luck", "Traceback…")

    following = hand.store.next_attempt(record, frozenset({Status.STARTED}), failure=failure)

    assert following is not None
    assert following.attempt == 2
    assert following.status == Status.QUEUED
    assert following.log_lines == 1
    cleaned = (following.progress, following.step, following.error, following.worker)
    assert (following.artifact_count, hand.files(following)) == (0, [])
    assert cleaned == (None, None, None, None)


@pytest.mark.parametrize("held", [Status.QUEUED, Status.STARTED, Status.FINISHED])
def test_a_new_attempt_begins_only_from_an_allowed_status(hand: Hand, held: Status) -> None:
    record = hand.create(status=held)

    assert hand.store.next_attempt(record, BAD_ENDS) is None
    assert hand.store.job(record.id) == record


def test_many_lines_are_kept_in_order_by_few_statements(
    store: Settings, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, run, statements = hand.start(hand.create()), Writer.run, 0

    def run_and_count(*args: Any) -> list[Any]:
        nonlocal statements
        statements += 1
        return run(*args)

    monkeypatch.setattr(Writer, "run", run_and_count)
    lines = [f"line {number}" for number in range(1234)]
    said = hand.say(record, *lines)

    assert behind.log_of(store, said.id) == lines
    assert statements < 30


def test_an_attempt_is_followed_only_once(hand: Hand) -> None:
    record = hand.fail(hand.start(hand.create()))

    first = hand.store.next_attempt(record, BAD_ENDS)
    again = hand.store.next_attempt(record, BAD_ENDS)

    assert first is not None
    assert again is None
    assert hand.store.job(record.id).attempt == 2


def test_a_retry_beyond_the_last_attempt_is_allowed_and_counted(hand: Hand) -> None:
    record = hand.fail(hand.start(hand.create(max_attempts=1)))

    following = hand.store.next_attempt(record, BAD_ENDS)

    assert following is not None
    assert (following.attempt, following.max_attempts) == (2, 2)


@pytest.mark.parametrize("held", [Status.QUEUED, Status.SCHEDULED, Status.STARTED])
def test_only_what_is_over_can_be_deleted(hand: Hand, held: Status) -> None:
    record = hand.create(status=held)

    assert hand.store.delete(record.id) is None
    assert hand.store.job(record.id) == record


def test_a_deleted_record_is_gone_and_nothing_writes_it_again(store: Settings, hand: Hand) -> None:
    record = hand.finish(hand.say(hand.start(hand.create()), "a line"))

    stone = hand.delete(record)

    assert stone.deleted
    assert behind.log_of(store, record.id) == []
    assert behind.run(store, "SELECT * FROM attempts") == []
    with pytest.raises(UnknownJob):
        hand.store.job(record.id)
    assert hand.store.save(record, message="late") is None
    assert hand.store.delete(record.id) is None
    assert hand.store.next_attempt(record, frozenset(Status)) is None


def test_log_lines_are_numbered_on(store: Settings, hand: Hand) -> None:
    record = hand.say(hand.start(hand.create()), "one", "two")
    record = hand.say(record, "three")

    rows = behind.run(store, "SELECT number, text FROM log_lines ORDER BY number")
    assert rows == [(1, "one"), (2, "two"), (3, "three")]
    assert record.log_lines == 3


async def test_a_deleted_record_may_begin_anew_and_who_watches_hears_of_both(
    store: Settings, hand: Hand
) -> None:
    record = hand.fail(hand.say(hand.start(hand.create(title="before")), "a line"))

    hub = Hub()
    async with relaying(store, hub):
        with hub.watch() as watcher:
            stone = hand.delete(record)
            anew = hand.store.recreate(a_record(id=record.id, title="after"))
            assert anew is not None
            started = hand.start(anew)
            heard = await changes_up_to(watcher, started)

    assert heard == sorted(heard, key=lambda change: change[1])
    assert stone.seq < anew.seq < started.seq
    assert (anew.status, anew.attempt, anew.error) == (Status.QUEUED, 1, None)
    assert (anew.title, anew.log_lines, anew.deleted) == ("after", 0, False)


def test_a_run_of_before_a_deletion_cannot_write_into_the_one_of_today(hand: Hand) -> None:
    before = hand.start(hand.create(), worker="frozen")
    hand.fail(before)
    hand.delete(before)
    assert hand.store.recreate(a_record(id=before.id)) is not None
    today = hand.start(a_record(id=before.id), worker="another")

    assert hand.store.save(before, progress=99.0) is None
    assert hand.store.next_attempt(before, frozenset({Status.STARTED})) is None
    assert hand.store.job(before.id) == today


def test_only_a_deleted_record_begins_anew(store: Settings, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))

    assert hand.store.recreate(a_record(id=record.id)) is None
    assert hand.store.recreate(a_record()) is None
    assert hand.store.job(record.id) == record
    assert behind.counter(store) == record.seq
