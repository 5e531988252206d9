"""The list's stream taken up again: what a client that comes back gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from headway.settings import Settings
from headway.store import JobFilter, Reader
from quart_app.live.event import Position, event_of_record
from quart_app.live.hub import Frame
from quart_app.live.stream import ListView, stream
from quart_app.services import lifespan
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening
from tests.support.waiting import eventually_async


async def test_a_client_that_comes_back_gets_what_it_missed_and_no_more(
    server: Server, hand: Hand
) -> None:
    untouched, touched = hand.create(), hand.create()
    async with listening(server, "/api/events") as stream:
        cursor = (await stream.next("snapshot")).data["cursor"]
    started = hand.start(touched)
    gone = hand.delete(hand.finish(hand.start(hand.create())))

    async with listening(server, "/api/events", last_event_id=cursor) as stream:
        got = [await stream.next("job", "gone", "snapshot") for _ in range(2)]
        newer = hand.create()
        after = await stream.next("job", "gone", "snapshot")

    heard = {(each.name, each.data["id"]) for each in got}
    assert heard == {("job", started.id), ("gone", gone.id)}
    assert (after.name, after.data["id"]) == ("job", newer.id)
    assert untouched.id not in {each.data["id"] for each in got}


async def test_the_id_of_a_change_is_a_position_to_come_back_to(server: Server, hand: Hand) -> None:
    async with listening(server, "/api/events") as stream:
        await stream.next("snapshot")
        first = hand.create()
        seen = await stream.until("job", id=first.id)
    missed = hand.create()

    async with listening(server, "/api/events", last_event_id=seen.id) as stream:
        got = await stream.next("job", "snapshot")

    assert (got.name, got.data["id"]) == ("job", missed.id)


@pytest.mark.parametrize("position", ["", "elsewhere:1", "{epoch}:999999", "{epoch}:", "nonsense"])
async def test_a_position_that_means_nothing_gets_a_snapshot(
    server: Server, hand: Hand, position: str
) -> None:
    record = hand.create()
    named = position.format(epoch=hand.store.epoch)

    async with listening(server, "/api/events", last_event_id=named) as stream:
        first = await stream.next("snapshot", "job")

    assert first.name == "snapshot"
    assert [job["id"] for job in first.data["jobs"]] == [record.id]


@pytest.mark.parametrize("seq", [2**63, 10**50])
async def test_a_position_beyond_any_store_gets_a_snapshot(
    server: Server, hand: Hand, seq: int
) -> None:
    hand.create()

    async with listening(
        server, "/api/events", last_event_id=f"{hand.store.epoch}:{seq}"
    ) as stream:
        assert (await stream.next("snapshot", "job")).name == "snapshot"


async def test_a_client_that_missed_much_gets_a_snapshot(server: Server, hand: Hand) -> None:
    first = hand.create()
    for _ in range(120):
        hand.create(publish=False)

    async with listening(
        server, "/api/events", last_event_id=f"{hand.store.epoch}:{first.seq}"
    ) as stream:
        got = await stream.next("snapshot", "job")

    assert got.name == "snapshot"
    assert len(got.data["jobs"]) == 100


async def test_a_job_that_left_the_filter_while_its_client_was_away_is_gone(
    server: Server, hand: Hand
) -> None:
    record = hand.create()
    cursor = f"{hand.store.epoch}:{record.seq}"
    hand.start(record)

    async with listening(server, "/api/events?status=queued", last_event_id=cursor) as stream:
        got = await stream.next("job", "gone", "snapshot")

    assert (got.name, got.data) == ("gone", {"id": record.id})


async def test_a_client_that_comes_back_hears_nothing_of_another_owner_s_jobs(
    server: Server, hand: Hand
) -> None:
    seen = hand.create(owner="ada")
    cursor = f"{hand.store.epoch}:{seen.seq}"
    hand.start(hand.create(owner="bob"))
    mine = hand.create(owner="ada")

    async with listening(server, "/api/events?owner=ada", last_event_id=cursor) as stream:
        first = await stream.next("job", "gone", "snapshot")
        hand.create(owner="bob")
        newer = hand.create(owner="ada")
        second = await stream.next("job", "gone", "snapshot")

    assert [(each.name, each.data["id"]) for each in (first, second)] == [
        ("job", mine.id),
        ("job", newer.id),
    ]


class SlowSearch(Reader):
    """The real reader, but its searches wait for the test."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def matching(self, wanted: JobFilter, job_ids: Any) -> set[str]:
        if job_ids:
            self.asked.set()
            await self.go_on.wait()
        return await super().matching(wanted, job_ids)


async def test_an_id_never_names_a_change_that_was_not_sent_yet(
    store: Settings, hand: Hand
) -> None:
    searching = SlowSearch(store)
    await searching.open()
    async with lifespan(store) as parts:
        view = ListView(searching, parts.relay, parts.status, JobFilter(q="toy"))
        pieces = stream(parts.hub, view)
        while b"snapshot" not in await anext(pieces):
            pass
        first = hand.create()
        piece = asyncio.create_task(_piece_with(pieces, b"event: job"))
        await asyncio.wait_for(searching.asked.wait(), 20)
        second = hand.create()
        await eventually_async(lambda: parts.relay.cursor == second.seq)
        searching.go_on.set()
        sent = (await asyncio.wait_for(piece, 20)).decode()
        await pieces.aclose()
    await searching.close()

    assert first.id in sent
    assert second.id not in sent
    assert f"id: {Position(hand.store.epoch, first.seq)}\n" in sent


async def test_only_the_last_event_of_a_frame_names_a_position(store: Settings, hand: Hand) -> None:
    left = hand.create()
    async with lifespan(store) as parts:
        queued = JobFilter(status=frozenset({"queued"}))
        view = ListView(parts.reader, parts.relay, parts.status, queued)
        await anext(view.pieces(None))
        records = [hand.create(), hand.start(left), hand.create()]
        frame = Frame([event_of_record(record) for record in records])
        events = (await anext(view.pieces(frame))).decode().removesuffix("\n\n").split("\n\n")

    assert len(events) == len(records)
    assert [event.startswith("id: ") for event in events] == [False, False, True]


async def _piece_with(pieces: AsyncIterator[bytes], wanted: bytes) -> bytes:
    while True:
        piece = await anext(pieces)
        if wanted in piece:
            return piece
