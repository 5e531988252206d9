"""Streams as the server keeps them: quiet ones, left ones, too many, and its own end."""

from __future__ import annotations

import asyncio
import re

from quart_app.live.stream import JobView, stream
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening, reading
from tests.support.waiting import eventually_async


def events_of(job_id: str) -> str:
    """The address of a job's stream."""
    return f"/api/jobs/{job_id}/events"


async def test_a_quiet_stream_says_that_it_lives(server: Server, hand: Hand) -> None:
    parts = server.parts
    view = JobView(parts.reader, parts.relay, hand.create().id)
    async with reading(stream(parts.hub, view, heartbeat_seconds=0.05)) as quiet:
        await quiet.next("job")
        beats = [await quiet.next() for _ in range(3)]

    assert [(got.name, got.data) for got in beats] == [("heartbeat", {})] * 3


async def test_a_stream_that_is_left_is_forgotten(server: Server, hand: Hand) -> None:
    path = events_of(hand.create().id)
    async with listening(server, path) as one, listening(server, path) as other:
        await asyncio.gather(one.next("job"), other.next("job"))
        assert len(server.parts.hub) == 2

    await eventually_async(lambda: len(server.parts.hub) == 0)


async def test_asking_only_for_the_head_of_a_stream_opens_none(server: Server, hand: Hand) -> None:
    for path in (events_of(hand.create().id), "/api/events"):
        reply = await server.client.head(path)
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")

    await eventually_async(lambda: len(server.parts.hub) == 0)


async def test_one_stream_or_wait_too_many_is_asked_to_come_back(
    server: Server, hand: Hand
) -> None:
    path = events_of(hand.create().id)
    server.parts.stream_slots.limit = 1
    async with listening(server, path) as stream:
        await stream.next("job")
        replies = [
            await server.get(path),
            await server.get(f"{path.removesuffix('/events')}?wait=9"),
        ]

    for reply in replies:  # a request that waits holds as much as a stream
        assert reply.status_code == 503
        assert int(reply.headers["retry-after"]) > 0


async def test_a_server_that_goes_answers_those_who_wait_for_a_change(
    server: Server, hand: Hand
) -> None:
    record = hand.create()
    waiting = asyncio.create_task(server.get(f"/api/jobs/{record.id}?wait=55"))
    await eventually_async(lambda: len(server.parts.hub) == 1)
    server.parts.hub.close()
    reply = await asyncio.wait_for(waiting, 20)

    assert (reply.status_code, reply.json()["seq"]) == (200, record.seq)


async def test_a_server_that_goes_ends_its_streams_and_says_when_to_come_back(
    server: Server, hand: Hand
) -> None:
    for path, first_event in ((events_of(hand.create().id), "job"), ("/api/events", "relay")):
        server.parts.hub.closed = False
        async with server.client.stream("GET", path) as response:
            pieces = response.aiter_text()
            seen = await anext(pieces)
            server.parts.hub.close()
            seen += "".join([piece async for piece in pieces])

        *blocks, rest = seen.split("\n\n")
        assert rest == ""
        assert blocks[0].startswith("retry: 2000\n")
        assert f"event: {first_event}\n" in blocks[0]
        assert re.fullmatch(r"retry: \d+\nevent: heartbeat\ndata: {}", blocks[-1])
        assert all("\ndata: " in block for block in blocks)
        assert "event: end" not in seen
