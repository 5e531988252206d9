"""The reader, on a real database: one moment a statement, and letting go of everything."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from headway.errors import UnknownJob
from headway.model.record import Status, now
from headway.settings import Settings
from headway.store import JobFilter, Reader
from headway.store.reader import CONNECTIONS
from tests.support import behind, worker_process
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.waiting import eventually_async

pytestmark = ON_BOTH

EVERYTHING = JobFilter()


async def test_a_snapshot_is_of_one_moment_while_another_process_writes(
    store: Settings, hand: Hand, reader: Reader
) -> None:
    hand.create()
    writing = worker_process.start(store, _write_until_told)
    try:
        first = (await reader.counter())[0]
        await eventually_async(lambda: _moved_on(reader, first))
        for _ in range(50):
            snapshot = await reader.newest(EVERYTHING)
            since = await reader.changes_since(0)
            assert max(record.seq for record in snapshot.records) == snapshot.seq
            assert max(record.seq for record in since.records) == since.seq
    finally:
        (store.data_dir / "enough").touch()
        writing.join(worker_process.LONGEST_SECONDS)


async def _moved_on(reader: Reader, first: int) -> bool:
    return (await reader.counter())[0] > first + 5


def _write_until_told(settings: Settings) -> None:
    with Hand(settings) as hand:
        records = [hand.create(publish=False) for _ in range(5)]
        while not (settings.data_dir / "enough").exists():
            records = [hand.change(r, publish=False, message=str(r.seq)) for r in records]


async def test_changes_come_in_their_order_and_deletions_are_among_them(
    hand: Hand, reader: Reader
) -> None:
    first, second = hand.create(), hand.create()
    hand.change(first, message="later")
    gone = hand.delete(hand.finish(hand.start(second)))

    snapshot = await reader.changes_since(0)

    assert [(r.id, r.deleted) for r in snapshot.records] == [(first.id, False), (gone.id, True)]
    assert snapshot.seq == gone.seq


async def test_nothing_new_is_an_empty_list_with_the_counter(hand: Hand, reader: Reader) -> None:
    record = hand.create()

    for after in (record.seq, record.seq + 100):
        snapshot = await reader.changes_since(after)
        assert (snapshot.records, snapshot.seq) == ([], record.seq)


async def test_a_catch_up_takes_the_oldest_changes_first(hand: Hand, reader: Reader) -> None:
    records = [hand.create() for _ in range(5)]

    snapshot = await reader.changes_since(1, most=2)

    assert [record.id for record in snapshot.records] == [r.id for r in records[1:3]]


async def test_a_whole_record_has_its_parameters_and_its_traceback(
    hand: Hand, reader: Reader
) -> None:
    record = hand.fail(hand.start(hand.create(params={"to": 7})))

    read = await reader.job(record.id)

    assert read.params == {"to": 7}
    assert read.error is not None
    assert read.error.traceback is not None
    with pytest.raises(UnknownJob):
        await reader.job("unknown")


async def test_every_attempt_keeps_its_own_error(hand: Hand, reader: Reader) -> None:
    record = hand.fail(hand.start(hand.create(), worker="first"), "one")
    following = hand.store.next_attempt(record, frozenset({Status.FAILED}))
    assert following is not None
    hand.finish(hand.start(following, worker="second"))

    attempts = await reader.attempts(record.id)

    seen = [(a["number"], a["status"], a["worker"], (a["error"] or {}).get("message"))
            for a in attempts]  # fmt: skip
    assert seen == [(1, "failed", "first", "one"), (2, "finished", "second", None)]
    assert all(attempt["duration_seconds"] >= 0 for attempt in attempts)


async def test_the_log_is_read_from_a_line_on(hand: Hand, reader: Reader) -> None:
    record = hand.say(hand.start(hand.create()), "one", "two", "three")

    lines = await reader.log(record.id, after=1, most=1)

    assert [(line["number"], line["text"]) for line in lines] == [(2, "two")]


@pytest.mark.parametrize("q", ["müller", "MÜLLER", "ü", "Ü", "écol", "ÉCOL"])
async def test_a_search_takes_capital_and_small_letters_of_any_language_for_the_same(
    hand: Hand, reader: Reader, q: str
) -> None:
    titled, saying = hand.create(title="Porträt von MÜLLER, École"), hand.start(hand.create())
    hand.change(saying, message="MÜLLER à l'École")
    ids = {titled.id, saying.id}

    found = await reader.newest(JobFilter(q=q))

    assert {record.id for record in found.records} == ids
    assert await reader.matching(JobFilter(q=q), ids) == ids


async def test_counts_and_queues_say_what_waits_and_what_runs(hand: Hand, reader: Reader) -> None:
    waiting = hand.create()
    hand.start(hand.create())
    hand.finish(hand.start(hand.create(queue="other")))

    counts, queues = await reader.counts(JobFilter()), await reader.queues()

    assert (counts["queued"], counts["started"], counts["finished"]) == (1, 1, 1)
    assert set(counts) == set(Status)
    assert [(q["name"], q["depth"], q["started"]) for q in queues] == [("toys", 1, 1)]
    assert queues[0]["oldest_wait_seconds"] is not None
    assert waiting.queue == "toys"


async def test_workers_are_idle_busy_or_lost(hand: Hand, reader: Reader) -> None:
    hand.heartbeat("idle")
    hand.heartbeat("busy")
    hand.heartbeat("lost", silent_seconds=60)
    hand.heartbeat("ended", ended_at=now())
    hand.heartbeat("forgotten", silent_seconds=3000)
    running = hand.start(hand.create(), worker="busy")

    workers = {worker["name"]: worker for worker in await reader.workers()}

    states = {name: worker["state"] for name, worker in workers.items()}
    assert states == {"idle": "idle", "busy": "busy", "lost": "lost"}
    assert workers["busy"]["current_job"] == running.id


async def test_cancelled_reads_leave_no_lock_and_no_connection_behind(
    store: Settings, hand: Hand, reader: Reader
) -> None:
    record = hand.create()
    for _ in range(5 * CONNECTIONS):
        reading = asyncio.create_task(reader.newest(JobFilter(q="anything")))
        await asyncio.sleep(0)  # one turn of the loop: it has begun and is not done
        reading.cancel()
        await asyncio.wait([reading])
        assert reading.cancelled()

    read = await asyncio.gather(*(reader.job(record.id) for _ in range(CONNECTIONS)))

    assert [each.id for each in read] == [record.id] * CONNECTIONS
    assert _nobody_holds_it(store)


def _nobody_holds_it(store: Settings) -> bool:
    if store.on_postgresql:
        query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
        return bool(behind.run(store, query) == [(0,)])
    busy = behind.run(store, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
    return bool(busy == 0)


async def test_a_reader_lets_go_of_everything_and_may_close_twice(store: Settings) -> None:
    before = threading.active_count()
    reader = Reader(store)
    await reader.open()
    await reader.counter()
    assert threading.active_count() > before

    await reader.close()
    await reader.close()

    await eventually_async(lambda: threading.active_count() <= before)


async def test_a_reader_waits_for_no_writer(store: Settings, hand: Hand, reader: Reader) -> None:
    record = hand.create()
    with behind.locked(store):
        read = await reader.job(record.id)

    assert read == replace(record, params={})
