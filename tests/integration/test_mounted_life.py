"""When a mounted Headway opens and closes its parts: with its site, or by the first request."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from headway.settings import Settings
from quart_app import headway_app
from quart_app.server.mounted import Mounted
from quart_app.server.told_of_end import told_of_end


@asynccontextmanager
async def client_of(app: Mounted) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that no server runs."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
    ) as client:
        yield client


async def test_it_opens_and_closes_as_often_as_its_site_does(store: Settings) -> None:
    headway = headway_app(store)

    for _ in range(2):
        async with headway.lifespan(), client_of(headway) as client:
            assert (await client.get("/api/jobs")).json()["jobs"] == []
        assert [task.get_name() for task in asyncio.all_tasks()] == [_own_name()]


def _own_name() -> str:
    task = asyncio.current_task()
    assert task is not None
    return task.get_name()


def test_a_site_that_says_nothing_of_its_end_leaves_nothing_behind(store: Settings) -> None:
    headway = headway_app(store)

    async def ask() -> set[int]:
        async with client_of(headway) as client:
            replies = await asyncio.gather(*[client.get("/api/jobs") for _ in range(5)])
        assert "Headway" in [task.get_name() for task in asyncio.all_tasks()]
        return {reply.status_code for reply in replies}

    for _ in range(2):  # each in a loop of its own
        assert asyncio.run(ask()) == {200}
        gc.collect()  # what was left open would be warned about


async def test_a_store_that_is_away_holds_up_neither_the_site_nor_the_parts_for_good(
    settings: Settings,
) -> None:
    headway = headway_app(settings)
    settings.database_path.mkdir()

    async with headway.lifespan(), client_of(headway) as client:
        away = await client.get("/api/jobs")
        settings.database_path.rmdir()
        back = await client.get("/api/jobs")

    assert (away.status_code, back.status_code) == (503, 200)
    assert away.headers["retry-after"] == "5"
    assert away.json()["detail"] == "The store cannot be used at the moment."


async def test_who_listened_for_a_signal_before_still_hears_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, told = [], asyncio.Event()
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        site = signal.getsignal(signal.SIGTERM)
        with told_of_end(told.set):
            signal.raise_signal(signal.SIGTERM)
            await asyncio.wait_for(told.wait(), 5)
        assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is site
    finally:
        signal.signal(signal.SIGTERM, before)
