"""One job's stream taken up again: what a client that comes back gets."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from headway.settings import Settings
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening
from tests.support.waiting import eventually_async


def events_of(job_id: str) -> str:
    """The address of a job's stream."""
    return f"/api/jobs/{job_id}/events"


async def test_a_client_that_has_seen_the_end_is_made_to_stop(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))
    last = f"{hand.store.epoch}:{record.seq}"

    by_header = await server.get(events_of(record.id), headers={"Last-Event-ID": last})
    by_address = await server.get(events_of(record.id), params={"last_event_id": last})

    assert (by_header.status_code, by_header.content) == (204, b"")
    assert by_address.status_code == 204


async def test_a_client_that_missed_the_end_gets_it(server: Server, hand: Hand) -> None:
    record = hand.start(hand.create())
    last = f"{hand.store.epoch}:{record.seq}"
    hand.finish(record)

    async with listening(server, events_of(record.id), last_event_id=last) as stream:
        rest = await stream.rest()

    assert [got.data["status"] for got in rest if got.name == "job"] == ["finished"]


async def test_a_client_that_comes_back_is_sent_only_what_is_newer(
    server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    last = f"{hand.store.epoch}:{record.seq}"

    async with listening(server, events_of(record.id), last_event_id=last) as stream:
        await eventually_async(lambda: len(server.parts.hub) == 1)
        hand.change(record, message="newer")
        first = await stream.next("job")

    assert first.data["message"] == "newer"


async def test_a_position_in_another_store_means_nothing(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))

    async with listening(
        server, events_of(record.id), last_event_id=f"elsewhere:{record.seq}"
    ) as stream:
        assert (await stream.next("job")).data["status"] == "finished"


async def test_a_job_that_was_retried_after_its_end_is_followed_again(
    server: Server, hand: Hand
) -> None:
    record = hand.fail(hand.start(hand.create()))
    last = f"{hand.store.epoch}:{record.seq}"
    assert (await server.post(f"/api/jobs/{record.id}/retry")).status_code == 202

    async with listening(server, events_of(record.id), last_event_id=last) as stream:
        got = await stream.next("job")

    assert (got.data["status"], got.data["attempt"]) == ("queued", 2)


async def test_a_position_beyond_a_running_jobs_record_hides_none_of_its_changes(
    server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    beyond = f"{hand.store.epoch}:{record.seq + 1000}"

    async with listening(server, events_of(record.id), last_event_id=beyond) as stream:
        await eventually_async(lambda: len(server.parts.hub) == 1)
        hand.finish(record)
        rest = await stream.rest()

    assert rest[-1].data["status"] == "finished"


@pytest.mark.parametrize("epoch", ["older", None], ids=["of another name", "of the same name"])
async def test_a_job_is_followed_on_when_an_older_copy_of_the_store_is_put_back(
    store: Settings, server: Server, hand: Hand, epoch: str | None
) -> None:
    record = hand.start(hand.create())
    for number in range(20):
        record = hand.change(record, message=str(number))
    async with listening(server, events_of(record.id)) as stream:
        await stream.next("job")
        behind.run(store, "UPDATE jobs SET seq = 1")
        named = epoch or hand.store.epoch
        behind.run(store, "UPDATE counter SET epoch = ?, seq = 1", named)
        await eventually_async(lambda: server.parts.relay.cursor == 1)
        hand.finish(record)
        rest = await stream.rest()

    assert rest[-1].data["status"] == "finished"


async def test_a_client_that_saw_more_than_an_older_copy_of_the_store_gets_the_end(
    server: Server, hand: Hand
) -> None:
    record = hand.finish(hand.start(hand.create()))
    await eventually_async(lambda: server.parts.relay.cursor == record.seq)
    ahead = f"{hand.store.epoch}:{record.seq + 5}"

    async with listening(server, events_of(record.id), last_event_id=ahead) as stream:
        assert (await stream.next("job")).data["status"] == "finished"


async def test_no_last_event_id_breaks_a_stream(server: Server, hand: Hand) -> None:
    over = hand.finish(hand.start(hand.create()))
    epoch = hand.store.epoch
    seqs = st.integers(-(10**60), 10**60).map(str)
    # What HTTP lets a header hold.
    odd = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))
    positions = st.one_of(
        odd, seqs.map(lambda seq: f"{epoch}:{seq}"), odd.map(lambda text: f"{epoch}:{text}")
    )
    named: list[str] = []

    @examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(positions)
    def gather(position: str) -> None:
        named.append(position)

    gather()
    for position in {*named, f"{epoch}:{over.seq}", f"{epoch}:{2**63}", f"{epoch}:{'9' * 50}"}:
        header = {"Last-Event-ID": position.strip().encode("latin-1")}
        reply = await asyncio.wait_for(server.get(events_of(over.id), headers=header), 20)
        assert reply.status_code in {200, 204}, position
        if reply.status_code == 200:
            assert b"event: " in reply.content, position
