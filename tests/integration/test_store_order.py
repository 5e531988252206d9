"""The order of changes in a real database: seqs, and records that only move forward."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from headway.model.record import Record, Status, now
from headway.settings import Settings
from headway.store import Writer
from tests.support import behind, worker_process
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH, ON_POSTGRESQL

STARTED = frozenset({"status", "worker", "started_at"})


BAD_ENDS = frozenset({Status.FAILED, Status.STOPPED, Status.CANCELED})


FORWARD = [
    (Status.QUEUED, Status.STARTED),
    (Status.QUEUED, Status.CANCELED),
    (Status.SCHEDULED, Status.QUEUED),
    (Status.SCHEDULED, Status.CANCELED),
    (Status.DEFERRED, Status.QUEUED),
    (Status.STARTED, Status.STARTED),
    (Status.STARTED, Status.FINISHED),
    (Status.STARTED, Status.FAILED),
    (Status.STARTED, Status.STOPPED),
]


BACKWARD = [
    (Status.STARTED, Status.QUEUED),
    (Status.STARTED, Status.SCHEDULED),
    (Status.STARTED, Status.DEFERRED),
    *((end, status) for end in (*sorted(BAD_ENDS), Status.FINISHED) for status in Status),
]


@pytest.mark.parametrize(("held", "wanted"), FORWARD)
def test_a_record_moves_forward(hand: Hand, held: Status, wanted: Status) -> None:
    record = hand.create(status=held)

    saved = hand.store.save(record, status=wanted)

    assert saved is not None
    assert saved.status == hand.store.job(record.id).status == wanted


@pytest.mark.parametrize(("held", "wanted"), BACKWARD)
def test_a_record_never_moves_back_and_a_refused_write_takes_no_seq(
    store: Settings, hand: Hand, held: Status, wanted: Status
) -> None:
    record = hand.create(status=held, message="as it was")
    before = behind.counter(store)

    saved = hand.store.save(record, status=wanted, message="late")

    assert saved is None
    assert hand.store.job(record.id) == record
    assert behind.counter(store) == before


@ON_POSTGRESQL
def test_postgresql_lets_a_record_move_forward_and_never_back(hand: Hand) -> None:
    moved = {}
    for held, wanted in (*FORWARD, *BACKWARD):
        record = hand.create(status=held)
        saved = hand.store.save(record, status=wanted)
        moved[held, wanted] = saved is not None

    assert [move for move, done in moved.items() if done] == FORWARD


@ON_BOTH
def test_each_change_takes_the_next_seq(hand: Hand) -> None:
    record = hand.create()
    started = hand.start(record)
    ended = hand.finish(started)
    stone = hand.delete(ended)

    assert [record.seq, started.seq, ended.seq, stone.seq] == [1, 2, 3, 4]


@ON_BOTH
def test_seqs_are_contiguous_when_four_processes_write(store: Settings, hand: Hand) -> None:
    writes = 40
    results = [store.data_dir / f"seqs-{number}.json" for number in range(4)]

    processes = [worker_process.start(store, _write_much, str(path), writes) for path in results]
    for process in processes:
        process.join(worker_process.LONGEST_SECONDS)

    seqs = [seq for path in results for seq in json.loads(path.read_text())]
    assert sorted(seqs) == list(range(1, 4 * writes + 1))
    assert behind.counter(store) == 4 * writes


def _write_much(settings: Settings, path: str, writes: int) -> None:
    with Hand(settings) as hand:
        records = [hand.create(publish=False)]
        while len(records) < writes:
            records.append(hand.change(records[-1], publish=False, message=str(len(records))))
    Path(path).write_text(json.dumps([record.seq for record in records]))


@ON_BOTH
def test_of_two_workers_only_one_takes_a_job(hand: Hand) -> None:
    record = hand.create()

    taken = [_claim(hand.store, record, name) for name in ("one", "two")]

    assert taken[0] is not None
    assert taken[1] is None
    assert hand.store.job(record.id).worker == "one"


@ON_BOTH
def test_of_four_processes_only_one_takes_a_job(store: Settings, hand: Hand) -> None:
    record = hand.create()
    names = [f"worker-{number}" for number in range(4)]

    processes = [worker_process.start(store, _take, record.id, name) for name in names]
    for process in processes:
        process.join(worker_process.LONGEST_SECONDS)

    took = [name for name in names if (store.data_dir / name).read_text() == "taken"]
    assert took == [hand.store.job(record.id).worker]


def _take(settings: Settings, job_id: str, name: str) -> None:
    with Writer(settings) as store:
        taken = _claim(store, store.job(job_id), name)
    (settings.data_dir / name).write_text("taken" if taken else "refused")


def _claim(store: Writer, record: Record, name: str) -> Record | None:
    return store.save(record, claim=True, status=Status.STARTED, worker=name, started_at=now())


@ON_BOTH
def test_a_write_for_another_attempt_is_refused(hand: Hand) -> None:
    record = hand.start(hand.create(attempt=2, max_attempts=3))

    for attempt in (1, 3):
        stranger = replace(record, attempt=attempt)
        assert hand.store.save(stranger, message="not mine") is None

    assert hand.store.job(record.id).message == ""


@ON_BOTH
def test_only_the_named_fields_are_written(hand: Hand) -> None:
    record = hand.start(hand.create(params={"to": 1}))
    asked = hand.change(record, stop_by="somebody")

    # A reporter that read the record before the stop was asked for does not undo it.
    hand.change(record, progress=50.0)

    held = hand.store.job(record.id)
    assert (held.stop_by, held.progress, held.params) == (asked.stop_by, 50.0, {"to": 1})


@ON_BOTH
def test_changes_made_together_are_told_after_and_a_refused_one_leaves_no_trace(
    store: Settings, hand: Hand
) -> None:
    queued, over = hand.create(), hand.create(status=Status.FINISHED)
    told: list[tuple[str, int]] = []
    writer = Writer(store, on_commit=lambda _, *them: told.extend((it.id, it.seq) for it in them))
    with closing(writer), writer.together():
        started = writer.save(queued, status=Status.STARTED)
        refused = writer.save(over, status=Status.STARTED)
        assert started is not None
        ended = writer.save(started, status=Status.FINISHED, ended_at=now())
        told_before = list(told)

    assert refused is None
    assert ended is not None
    assert told_before == []
    assert told == [(queued.id, over.seq + 1), (queued.id, over.seq + 2)]
    assert hand.store.job(queued.id).status == Status.FINISHED


@ON_BOTH
def test_of_changes_made_together_all_are_undone_or_none(store: Settings, hand: Hand) -> None:
    queued, told = hand.create(), list[Record]()
    writer = Writer(store, on_commit=lambda _, *records: told.extend(records))

    def break_off() -> None:
        with writer.together():
            writer.save(queued, status=Status.STARTED)
            raise KeyError("of the application's")

    with closing(writer):
        with pytest.raises(KeyError):
            break_off()
        after = writer.save(queued, status=Status.CANCELED)

    assert after is not None
    assert after.seq == queued.seq + 1
    assert told == [after]
