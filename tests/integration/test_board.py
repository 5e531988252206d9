"""The board: what keeps one of its parts from being read is that part's trouble alone."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from headway.errors import StoreUnavailable
from headway.store import Reader
from quart_app.live import board
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening
from tests.support.waiting import eventually_async


@pytest.fixture(params=[RuntimeError("a fault of ours"), StoreUnavailable("busy")], ids=str)
def looks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Queues cannot be read, for this reason; each try leaves a word here."""
    tries: list[str] = []

    async def fail(_: Reader) -> Any:
        tries.append("queues")
        raise request.param

    monkeypatch.setattr(board, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(Reader, "queues", fail)
    return tries


async def test_a_part_that_cannot_be_read_silences_no_other_and_is_told_once(
    server: Server, hand: Hand, looks: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(server, "/api/events") as stream:
        snapshot = (await stream.next("snapshot")).data
        hand.create()
        await stream.until("job", status="queued")
        counts = await stream.next("counts")
        tried = len(looks)
        await eventually_async(lambda: len(looks) > tried + 3)
        record = hand.create()
        rest = [await stream.next("job", "snapshot")]

    assert {"jobs", "workers", "counts"} <= snapshot.keys()
    assert "queues" not in snapshot
    assert "started" in counts.data["counts"]
    assert [(got.name, got.data["id"]) for got in rest] == [("job", record.id)]
    assert len([entry for entry in caplog.records if entry.levelno >= logging.WARNING]) <= 1
