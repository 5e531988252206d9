"""Clients for JavaScript: each sees a job's life, comes back after a restart, and stops."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from headway.settings import Settings
from tests.support.app_server import Server, serving
from tests.support.by_hand import Hand
from tests.support.peer import node_client
from tests.support.valkey import free_port

CLIENTS = [
    "eventsource",
    "eventsource by 204",
    "event-source-polyfill",
    "eventsource-client",
    "eventsource-parser",
    "fetch-event-source",
    "reconnecting-eventsource",
]
# Ends lines for some readers of text, and for no reader of events.
ODD = "Painting\u2028a sky\u2029at\x85night"

pytestmark = [pytest.mark.usefixtures("packages"), pytest.mark.parametrize("client", CLIENTS)]


async def test_a_client_sees_a_jobs_life_and_stops(server: Server, hand: Hand, client: str) -> None:
    record = hand.create()
    async with node_client(client, f"{server.url}/api/jobs/{record.id}/events") as peer:
        await peer.heard.until("queued", "")
        record = hand.change(hand.start(record), message=ODD)
        await peer.heard.until("started", ODD)
        hand.finish(record)
        code = await peer.stopped()

    assert (code, peer.heard.faults) == (0, [])
    assert peer.heard.states[-1] == ("finished", ODD)
    assert peer.heard.seqs == sorted(set(peer.heard.seqs))
    assert peer.heard.events[-1] == ("end", {"id": record.id, "status": "finished"})
    assert peer.heard.names.count("end") == 1
    assert peer.heard.opened == 1


async def test_a_client_comes_back_after_a_restart_and_is_told_each_state_once(
    store: Settings, hand: Hand, client: str
) -> None:
    record, port = hand.start(hand.create()), free_port()
    async with AsyncExitStack() as watching:
        async with serving(store, port=port) as server:
            url = f"{server.url}/api/jobs/{record.id}/events?log=1"
            peer = await watching.enter_async_context(node_client(client, url))
            record = hand.say(hand.change(record, message="before"), "one")
            await peer.heard.until("started", "before")
        record = hand.say(hand.change(record, message="meanwhile"), "two")
        async with serving(store, port=port):
            await peer.heard.until("started", "meanwhile")
            hand.finish(hand.change(record, message="after"))
            code = await peer.stopped()

    assert (code, peer.heard.faults) == (0, [])
    assert peer.heard.opened > 1
    assert peer.heard.states[-1] == ("finished", "after")
    assert peer.heard.seqs == sorted(set(peer.heard.seqs))
    assert peer.heard.names.count("end") == 1
    assert peer.heard.names[-1] == "end"
    assert peer.heard.lines == ["one", "two"]
