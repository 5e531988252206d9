"""Headway mounted in sites of FastAPI, Starlette, Quart and Django, each on a real server."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from headway.settings import Settings
from tests.support.app_server import ANSWER_SECONDS
from tests.support.by_hand import Hand
from tests.support.crawl import Walk, addresses_in, is_ready
from tests.support.site_process import SiteProcess, site_process
from tests.support.sse_client import Listening
from tests.support.waiting import eventually_async

SITES = {
    "of_fastapi": "uvicorn",
    "of_starlette": "uvicorn",
    "of_quart": "hypercorn",
    "of_django": "uvicorn",
}


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, store: Settings, tmp_path: Path) -> Iterator[SiteProcess]:
    """A site of each framework."""
    name = request.param
    with site_process(SITES[name], name, store, tmp_path / "site.log") as running:
        yield running


async def test_a_mounted_headway_is_whole_and_live_and_ends_with_its_site(
    site: SiteProcess, hand: Hand
) -> None:
    record = hand.start(hand.create(), worker="busy")
    hand.heartbeat("busy")
    async with httpx.AsyncClient(
        base_url=site.url, trust_env=False, timeout=ANSWER_SECONDS, follow_redirects=True
    ) as client:
        await eventually_async(lambda: is_ready(client, f"{site.url}/jobs/readyz"))
        walk = Walk(client)
        await walk.from_here(f"{site.url}/jobs/", f"{site.url}/jobs/openapi.json")
        async with (
            client.stream("GET", "/jobs/api/events") as of_all,
            client.stream("GET", f"/jobs/api/jobs/{record.id}/events") as of_one,
        ):
            everything, one = Listening(of_all), Listening(of_one)
            got = [await everything.next("snapshot"), await one.next("job")]
            hand.change(record, progress=50.0)
            got += [await each.until("job", progress=50.0) for each in (everything, one)]
            site.ask_to_end()
            assert [each.name for each in await one.rest()][-1:] == ["heartbeat"]
            await everything.rest()

    assert site.ended() in (0, -signal.SIGTERM)
    inside = f"{site.url}/jobs/"
    assert [each for each in walk.named.values() if not f"{each.address}/".startswith(inside)] == []
    missing = [walk.named[key] for key, status in walk.statuses.items() if status >= 400]
    assert [each for each in missing if not each.address.endswith("/result")] == []
    named = [address for each in got for address in addresses_in(each.data)]
    assert named
    assert all(address.startswith("/jobs/") for address in named)
    for trouble in ("Traceback", "Warning", "ERROR", "never retrieved"):
        assert trouble not in site.output, site.output
