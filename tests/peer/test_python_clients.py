"""Clients for Python: each sees a job's life whole, and goes on after a restart where it was."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from headway.settings import Settings
from headway.workhorse.log_lines import LINE_CHARACTERS
from tests.peer.python_clients import CLIENTS, CUT_OFF, Visit
from tests.support.app_server import Server, serving
from tests.support.by_hand import Hand
from tests.support.peer import STOP_SECONDS, Heard
from tests.support.valkey import free_port
from tests.support.waiting import LOOK_SECONDS

# Ends lines for readers of text; JSON escapes the others by itself.
ODD = "Painting\u2028a sky\u2029at\x85night\x0b\x0c\x1c\x1d\x1e…"

pytestmark = pytest.mark.parametrize("visit", CLIENTS.values(), ids=CLIENTS)


async def _watch(visit: Visit, url: str, heard: Heard) -> None:
    """Visit, and come back with the last id, until the stream says that it is over."""
    last_id = ""

    def take(name: str, data: str, event_id: str | None) -> None:
        nonlocal last_id
        last_id = event_id or last_id
        heard.take(name, data)

    while "end" not in heard.names:
        heard.opened += 1
        with suppress(*CUT_OFF):
            await visit(url, last_id, take)
        await asyncio.sleep(LOOK_SECONDS)


async def test_a_client_sees_a_jobs_life_and_stops(
    server: Server, hand: Hand, visit: Visit
) -> None:
    record, heard = hand.create(), Heard()
    url = f"{server.url}/api/jobs/{record.id}/events"
    watching = asyncio.create_task(_watch(visit, url, heard))
    await heard.until("queued", "")
    record = hand.change(hand.start(record), message=ODD)
    await heard.until("started", ODD)
    hand.finish(record)
    await asyncio.wait_for(watching, STOP_SECONDS)

    assert heard.faults == []
    assert heard.states[-1] == ("finished", ODD)
    assert heard.seqs == sorted(set(heard.seqs))
    assert heard.events[-1] == ("end", {"id": record.id, "status": "finished"})
    assert heard.opened == 1


async def test_a_client_reads_the_longest_lines_of_a_log(
    server: Server, hand: Hand, visit: Visit
) -> None:
    lines = [f"{number} {'é' * (LINE_CHARACTERS - 9)}" for number in range(100)]
    record, heard = hand.finish(hand.say(hand.start(hand.create()), *lines)), Heard()

    url = f"{server.url}/api/jobs/{record.id}/events?log=1"
    await asyncio.wait_for(_watch(visit, url, heard), STOP_SECONDS)

    assert (heard.faults, heard.opened) == ([], 1)
    assert heard.lines == lines


async def test_a_client_comes_back_after_a_restart_and_is_told_each_state_once(
    store: Settings, hand: Hand, visit: Visit
) -> None:
    record, heard, port = hand.start(hand.create()), Heard(), free_port()
    async with serving(store, port=port) as server:
        url = f"{server.url}/api/jobs/{record.id}/events?log=1"
        watching = asyncio.create_task(_watch(visit, url, heard))
        record = hand.say(hand.change(record, message="before"), "one", "odd\u2028line")
        await heard.until("started", "before")
    record = hand.say(hand.change(record, message="meanwhile"), "two")
    async with serving(store, port=port):
        await heard.until("started", "meanwhile")
        hand.finish(hand.change(record, message="after"))
        await asyncio.wait_for(watching, STOP_SECONDS)

    assert heard.faults == []
    assert heard.states[-1] == ("finished", "after")
    assert heard.seqs == sorted(set(heard.seqs))
    assert heard.names.count("end") == 1
    assert heard.lines == ["one", "odd\u2028line", "two"]
