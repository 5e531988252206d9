"""Headway as a part of a site: whatever it names is under its prefix, and is found there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from headway.settings import Settings
from tests.support.app_server import ANSWER_SECONDS, Server, serving
from tests.support.browser_proxy import Gateway
from tests.support.by_hand import Hand, keep_artifact
from tests.support.crawl import Walk, addresses_in, is_ready
from tests.support.sse_client import listening
from tests.support.waiting import eventually_async

# The first is also the beginning of addresses of ours, so that a path says less than it seems to.
PREFIXES = ("/jobs", "/our/tools")


@pytest_asyncio.fixture(params=[(each, strips) for each in PREFIXES for strips in (True, False)])
async def site(request: pytest.FixtureRequest, store: Settings) -> AsyncIterator[Server]:
    """A site with Headway in it, behind a proxy that strips the prefix or passes it on."""
    prefix, strips = request.param
    async with serving(store.model_copy(update={"url_prefix": prefix})) as inner:
        with Gateway(inner.settings.port, prefix, strips=strips) as gateway:
            async with httpx.AsyncClient(
                base_url=gateway.address, trust_env=False, timeout=ANSWER_SECONDS
            ) as client:
                yield Server(gateway.address, inner.settings, inner.parts, client)


def some_jobs(hand: Hand) -> None:
    """Jobs of every kind of page: more than a list shows, some with files, one that runs."""
    for _ in range(25):
        hand.create()
    for attempt in (hand.finish, hand.fail):
        record = hand.start(hand.create(owner="ada"))
        files = [keep_artifact(hand.settings, record.id, f"{n}.txt", b"kept") for n in range(120)]
        attempt(hand.say(hand.attach(record, *files), "a line"))
    hand.start(hand.create(), worker="busy")
    hand.heartbeat("busy")


async def test_every_address_that_headway_names_is_under_the_prefix_and_there(
    site: Server, hand: Hand
) -> None:
    prefix = site.settings.url_prefix
    some_jobs(hand)
    character = {"name": "Ada", "age": 36}
    made = await site.post(f"{prefix}/api/characters", json=character)
    ids = {"character_id": made.json()["character"]["id"]}
    await site.post(f"{prefix}/api/stories", json=ids | {"theme": "hope"})

    await eventually_async(lambda: is_ready(site.client, f"{site.url}{prefix}/readyz"))
    walk = Walk(site.client)
    described = (await site.get(f"{prefix}/openapi.json")).json()
    programs = [
        prefix + path
        for path, methods in described["paths"].items()
        if "get" in methods and "{" not in path
    ]
    lists = [f"{prefix}/?status=queued", f"{prefix}/?q=toy", f"{prefix}/nothing-here"]
    asked = [*programs, *lists, f"{prefix}/api/jobs?limit=5"]
    await walk.from_here(*[site.url + each for each in (f"{prefix}/", *asked)])

    inside = f"{site.url}{prefix}/"
    assert described["servers"] == [{"url": prefix}]
    assert [each for each in walk.named.values() if not f"{each.address}/".startswith(inside)] == []
    missing = [walk.named[key] for key, status in walk.statuses.items() if status >= 400]
    # A record names its result before there is any; a document's server is no page.
    expected = (f"{inside}nothing-here", site.url + prefix)
    not_yet = "/result"
    assert [n for n in missing if n.address not in expected and not_yet not in n.address] == []
    paths = {urlsplit(address).path.removeprefix(prefix) for _, address in walk.statuses}
    for sample in ("/static/headway.js", "/static/base.js", "/last-hour", "/stories", "/docs"):
        assert sample in paths


async def test_what_is_done_names_the_place_where_it_is_seen(site: Server) -> None:
    prefix = site.settings.url_prefix
    values = {"name": "Ada", "age": "3"}

    made = await site.post(f"{prefix}/characters/new", data=values)
    job = await site.post(f"{prefix}/api/characters", json=values | {"age": 3})
    record = job.json()["job"]
    stopped = await site.post(f"{prefix}/jobs/{record['id']}/stop")
    again = await site.post(f"{prefix}/api/jobs/{record['id']}/retry")

    assert record["links"]["page"] == f"{prefix}/jobs/{record['id']}"
    for reply in (job, again):
        assert reply.headers["location"] == f"{prefix}/api/jobs/{record['id']}"
    for reply in (stopped, made):
        assert reply.status_code == 303
        shown = await site.get(reply.headers["location"])
        assert shown.status_code == 200


async def test_streams_name_what_is_under_the_prefix_from_first_to_last(
    site: Server, hand: Hand
) -> None:
    prefix = site.settings.url_prefix
    record = hand.create()

    async with (
        listening(site, f"{prefix}/api/events") as of_all,
        listening(site, f"{prefix}/api/jobs/{record.id}/events") as of_one,
    ):
        got = [await of_all.next("snapshot"), await of_one.next("job")]
        hand.start(record, worker="busy")
        hand.heartbeat("busy")
        got += [await of_all.next("job"), await of_one.next("job"), await of_all.next("workers")]

    for each in got:
        named = list(addresses_in(each.data))
        assert named
        assert all(address.startswith(f"{prefix}/") for address in named), each


async def test_a_client_beside_the_proxy_is_served_with_the_prefix_and_without(
    store: Settings, hand: Hand
) -> None:
    record = hand.create()
    async with serving(store.model_copy(update={"url_prefix": "/jobs"})) as server:
        for path in (f"/api/jobs/{record.id}", f"/jobs/api/jobs/{record.id}"):
            assert (await server.get(path)).json()["links"]["page"] == f"/jobs/jobs/{record.id}"
        for path in ("/", "/jobs", "/jobs/"):
            assert 'href="/jobs/jobs/new"' in (await server.get(path)).text
        refused = await server.post(
            "/jobs/api/jobs", json={"kind": "x"}, headers={"Origin": "http://elsewhere.example"}
        )
        assert refused.status_code == 403
