"""STREAM_LIMIT, on the real server: however many come at once, and however their requests end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any

import pytest

from headway.store import Reader
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.raw_http import status_of
from tests.support.waiting import eventually_async

LIMIT = 3
BURST = 40
SECONDS = 20

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def burst(server: Server, sent: bytes) -> list[Connection]:
    """Many connections on each of which this is sent, at the very same time."""
    server.parts.stream_slots.limit = LIMIT
    opened = [
        await asyncio.open_connection("127.0.0.1", server.settings.port) for _ in range(BURST)
    ]
    for _, writer in opened:
        writer.write(sent)
    return opened


def get(path: str) -> bytes:
    """A request that leaves its connection open."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def statuses_of(first_lines: Iterable[Awaitable[bytes]]) -> list[int]:
    """The status of the first answer on each connection, in order of size."""
    async with asyncio.timeout(SECONDS):
        return sorted(status_of(line) for line in await asyncio.gather(*first_lines))


async def all_given_back(server: Server) -> None:
    """Return when no slot is taken and none is watched by mistake."""
    await eventually_async(lambda: server.parts.stream_slots.taken == 0)
    await eventually_async(lambda: len(server.parts.hub) == 0)


@pytest.mark.parametrize("path", ["/api/jobs/{id}/events", "/api/jobs/{id}?wait=9", "/api/events"])
async def test_a_burst_does_not_pass_the_limit(server: Server, hand: Hand, path: str) -> None:
    job = hand.create()
    opened = await burst(server, get(path.format(id=job.id)))
    answers = [asyncio.create_task(reader.readline()) for reader, _ in opened]
    if "wait" in path:  # answered only by a change; a slot that is free again is another's
        await eventually_async(lambda: sum(map(asyncio.Task.done, answers)) == BURST - LIMIT)
        hand.change(job, message="for those who wait")
    statuses = await statuses_of(answers)
    for _, writer in opened:
        writer.close()

    assert statuses == [200] * LIMIT + [503] * (BURST - LIMIT)
    await all_given_back(server)


async def test_requests_behind_a_stream_on_its_connection_take_no_slot_before_their_turn(
    server: Server, hand: Hand
) -> None:
    job = hand.start(hand.create())
    path = f"/api/jobs/{job.id}/events"
    server.parts.stream_slots.limit = LIMIT
    reader, writer = await asyncio.open_connection("127.0.0.1", server.settings.port)
    writer.write(get(path) * (LIMIT + 2))
    await eventually_async(lambda: len(server.parts.hub) == 1)
    taken = server.parts.stream_slots.taken
    hand.finish(job)
    async with asyncio.timeout(SECONDS):
        answers = b""
        while answers.count(b"HTTP/1.1 200") < LIMIT + 2:
            answers += await reader.read(2**16)
    writer.close()

    assert taken == 1
    assert b"HTTP/1.1 503" not in answers
    await all_given_back(server)


async def test_clients_that_leave_at_once_give_their_slots_back(server: Server, hand: Hand) -> None:
    path = f"/api/jobs/{hand.create().id}/events"
    opened = await burst(server, get(path) * 2)
    await eventually_async(lambda: server.parts.stream_slots.taken == LIMIT)
    for _, writer in opened:
        writer.transport.abort()

    await all_given_back(server)
    assert (await server.client.head(path)).status_code == 200


async def test_a_stream_that_fails_after_it_took_its_slot_gives_it_back(
    server: Server, hand: Hand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    async def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Reader, "newest", fail)
    opened = await burst(server, get("/api/events"))
    await statuses_of(reader.readline() for reader, _ in opened)
    for _, writer in opened:
        writer.close()

    await all_given_back(server)
    assert (await server.client.head("/api/events")).status_code == 200
