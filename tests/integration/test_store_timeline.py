"""A job's timeline: one moment for each state and step, in a real database."""

from __future__ import annotations

from headway.model.record import Status
from headway.store.history import MOST_TRANSITIONS
from headway.store.reader import Reader
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH

pytestmark = ON_BOTH


async def test_each_state_and_each_step_is_a_moment(hand: Hand, reader: Reader) -> None:
    record = hand.start(hand.create())
    record = hand.change(record, step=1, steps=2, step_name="Sketch")
    record = hand.change(record, progress=40.0, message="a line")
    record = hand.change(record, step=2, steps=2, step_name="Colour")
    ended = hand.finish(record)

    moments = await reader.timeline(record.id)

    assert [(m["status"], m["step_name"]) for m in moments] == [
        ("queued", None),
        ("started", None),
        ("started", "Sketch"),
        ("started", "Colour"),
        ("finished", "Colour"),
    ]
    assert [m["at"] for m in moments] == sorted(m["at"] for m in moments)
    assert moments[-1]["at"] == ended.ended_at


async def test_a_further_attempt_and_a_silence_are_moments(hand: Hand, reader: Reader) -> None:
    record = hand.start(hand.create(max_attempts=2))
    record = hand.change(record, stalled=True)
    record = hand.change(record, stalled=False)
    following = hand.store.next_attempt(record, frozenset({Status.STARTED}))
    assert following is not None

    moments = await reader.timeline(record.id)

    assert [(m["attempt"], m["status"], m["stalled"]) for m in moments] == [
        (1, "queued", False),
        (1, "started", False),
        (1, "started", True),
        (1, "started", False),
        (2, "queued", False),
    ]


async def test_a_refused_change_is_no_moment(hand: Hand, reader: Reader) -> None:
    record = hand.finish(hand.start(hand.create()))
    assert hand.store.save(record, status=Status.FAILED) is None

    assert [m["status"] for m in await reader.timeline(record.id)] == [
        "queued",
        "started",
        "finished",
    ]


async def test_very_many_steps_are_kept_up_to_a_bound_and_the_end_always(
    hand: Hand, reader: Reader
) -> None:
    record = hand.start(hand.create())
    for number in range(MOST_TRANSITIONS + 20):
        record = hand.change(record, step=number, step_name=f"Row {number}")
    hand.finish(record)

    moments = await reader.timeline(record.id)

    assert len(moments) == MOST_TRANSITIONS + 1
    assert moments[-1]["status"] == "finished"


async def test_a_deleted_job_leaves_no_timeline(hand: Hand, reader: Reader) -> None:
    record = hand.finish(hand.start(hand.create()))

    hand.delete(record)

    assert await reader.timeline(record.id) == []
