"""The list of jobs by the API: pages and filters."""

from __future__ import annotations

import re
from html import unescape

from tests.support.app_server import Server
from tests.support.by_hand import Hand


async def test_the_list_is_paged_newest_first(server: Server, hand: Hand) -> None:
    ids = [hand.create().id for _ in range(5)]

    shown, path = [], "/api/jobs?limit=2&kind=toy.count"
    while path:
        page = (await server.get(path)).json()
        shown += [job["id"] for job in page["jobs"]]
        path = page["next"]

    assert shown == ids[::-1]


NARROWED = {
    "status=started": 1,
    "status=started,queued": 2,
    "kind=toy.count": 2,
    "kind=toy": 0,
    "queue=toys&status=queued": 1,
    "q=Painting": 1,
    "q=100%25": 0,
    "q=": 2,
    "q=%ff": 0,
    "q=Pain%00ting": 1,
    "q=%00": 2,
    "owner=nobody": 0,
}


async def test_the_list_is_narrowed(server: Server, hand: Hand) -> None:
    hand.create()
    hand.change(hand.start(hand.create()), message="Painting")

    found = {
        query: len((await server.get(f"/api/jobs?{query}")).json()["jobs"]) for query in NARROWED
    }

    assert found == NARROWED


async def test_a_query_that_cannot_be_used_is_refused(server: Server) -> None:
    for field, value in (
        ("status", "done"),
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "x"),
        ("limit", "000000000001000000"),
        ("limit", "9" * 5000),
        ("limit", "+7"),
        ("limit", "7_0"),
        ("limit", "7.0"),
        ("limit", " 7"),
        ("at", "yesterday"),
        ("state", "failed"),
        ("Status", "failed"),
        ("q", "x" * 201),
    ):
        reply = await server.get("/api/jobs", params={field: value})

        assert (field, value, reply.status_code) == (field, value, 422)
        assert reply.json()["errors"][0]["field"] == field


async def test_states_are_set_apart_by_commas_or_named_one_by_one(
    server: Server, hand: Hand
) -> None:
    failed, finished = (hand.start(hand.create()) for _ in range(2))
    hand.fail(failed)
    hand.finish(finished)
    hand.create()

    for status in ("failed,finished", ["failed", "finished"], ["failed,finished", ""]):
        found = (await server.get("/api/jobs", params={"status": status})).json()["jobs"]

        assert {job["id"] for job in found} == {failed.id, finished.id}, status


async def test_a_query_that_says_two_things_at_once_is_refused(server: Server) -> None:
    for path in ("/api/jobs", "/api/events"):
        reply = await server.get(path, params={"kind": ["toy.count", "toy.fail"]})

        assert (path, reply.status_code) == (path, 422)
        assert [error["field"] for error in reply.json()["errors"]] == ["kind"]


async def test_a_page_finds_text_with_a_nul_in_it(server: Server, hand: Hand) -> None:
    record = hand.create(title="Painting")

    page = await server.get("/?q=Pain%00ting", headers={"Accept": "text/html"})

    assert page.status_code == 200
    assert record.id in page.text


async def test_a_text_that_is_too_long_is_refused_by_pages_as_by_the_api(server: Server) -> None:
    accepted, refused = "x" * 200, "x" * 201

    for address in ("/", "/api/jobs", "/api/counts"):
        longest = await server.get(address, params={"q": accepted})
        longer = await server.get(address, params={"q": refused}, headers={"Accept": "text/html"})

        assert (address, longest.status_code, longer.status_code) == (address, 200, 422)
        assert "at most 200 characters" in longer.text


async def test_a_page_below_a_job_that_is_not_there_says_so(server: Server, hand: Hand) -> None:
    hand.create()

    for query in ("before=zzz", "before=zzz&q=toy", "before=zzz&status=queued"):
        listed = await server.get(f"/api/jobs?{query}")
        page = await server.get(f"/?{query}", headers={"Accept": "text/html"})

        assert (query, listed.status_code, page.status_code) == (query, 404, 404)
        assert listed.json()["detail"] == "There is no job zzz."
        assert "There is no job zzz." in page.text
        assert re.search('<main.*href="/"', page.text, re.DOTALL)


async def test_so_do_the_pages_of_characters_and_stories(server: Server) -> None:
    for name, said in (("characters", "no such character"), ("stories", "no such story")):
        listed = await server.get(f"/api/{name}?before=zzz")
        page = await server.get(f"/{name}?before=zzz", headers={"Accept": "text/html"})

        assert (name, listed.status_code, page.status_code) == (name, 404, 404)
        assert said in listed.json()["detail"]
        assert said in page.text
        assert f'class="button" href="/{name}"' in page.text


async def test_nothing_below_the_oldest_job_is_an_empty_page_also_when_it_was_deleted(
    server: Server, hand: Hand
) -> None:
    oldest = hand.finish(hand.start(hand.create()))
    hand.create()
    for delete in (lambda _: None, hand.delete):
        delete(oldest)
        listed = await server.get(f"/api/jobs?before={oldest.id}")
        page = await server.get(f"/?before={oldest.id}")

        assert (listed.status_code, listed.json()["jobs"], page.status_code) == (200, [], 200)


async def test_all_that_the_pages_ask_for_is_known(server: Server, hand: Hand) -> None:
    hand.create()
    newer = hand.create().id
    asked_for = f"status=queued&kind=toy.count&queue=toys&q=toy&before={newer}"
    page = (await server.get(f"/?{asked_for}")).text
    asked = unescape(re.findall(r'data-api="([^"]+)"', page)[0])

    assert (asked, (await server.get(asked)).status_code) == (asked, 200)
