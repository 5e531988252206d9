"""What the web side refuses, and how little it says then."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from http import HTTPStatus

import pytest

from headway.model.record import Status
from headway.settings import Settings
from tests.support import behind
from tests.support.app_server import Server, serving
from tests.support.by_hand import Hand

# What would tell a stranger how this machine is laid out, or what broke.
TELLTALES = re.compile(r"Traceback|/home/|/tmp|site-packages|\.py\b|sqlite", re.IGNORECASE)


async def test_another_name_than_this_machines_is_refused(server: Server) -> None:
    port = server.settings.port
    for host, status in {
        f"127.0.0.1:{port}": 200,
        f"localhost:{port}": 200,
        f"[::1]:{port}": 200,
        f"evil.example:{port}": 403,
        "127.0.0.1.evil.example": 403,
        "localhost.evil.example": 403,
        "[::1": 400,
        "": 400,
    }.items():
        reply = await server.get("/api/jobs", headers={"Host": host})
        assert (host, reply.status_code) == (host, status)


async def test_a_refusal_names_the_headers_it_saw_and_what_a_proxy_must_pass_on(
    server: Server,
) -> None:
    long = "x" * 5_000
    for headers, told in (
        ({"Host": "x.example"}, ['"x.example"', "ALLOWED_HOSTS", "the Host header"]),
        ({"Host": f"{'x' * 60}.{'y' * 60}"}, [f'"{"x" * 60}.{"y" * 38}…"']),
        (
            {"Host": "localhost", "Origin": "https://a.example"},
            ['"https://a.example"', '"localhost"'],
        ),
        ({"Origin": f"https://{long}"}, ['x…"', "the Host header"]),
        ({"Sec-Fetch-Site": "cross-site"}, ["Sec-Fetch-Site", '"cross-site"']),
    ):
        reply = await server.post("/api/jobs", json={"kind": "toy.count"}, headers=headers)

        detail = reply.json()["detail"]
        assert (reply.status_code, [part for part in told if part not in detail]) == (403, [])
        assert len(detail) < 500


async def test_a_refusal_repeats_no_markup_of_the_request(server: Server) -> None:
    headers = {"Origin": "http://<b>x</b>", "Accept": "text/html"}

    page = await server.get("/", headers=headers)

    assert page.status_code == 403
    assert "&lt;b&gt;x" in page.text
    assert "<b>x" not in page.text


async def test_a_page_of_another_site_is_refused(server: Server) -> None:
    own = server.url
    body = {"kind": "toy.count"}
    for headers, status in (
        ({"Origin": own}, 202),
        ({"Origin": own, "Sec-Fetch-Site": "same-origin"}, 202),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": own.replace("127.0.0.1", "localhost")}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ):
        reply = await server.post("/api/jobs", json=body, headers=headers)
        assert (headers, reply.status_code) == (headers, status)
    assert len((await server.get("/api/jobs")).json()["jobs"]) == 2


async def test_a_page_of_another_site_cannot_listen(server: Server, hand: Hand) -> None:
    record = hand.create()
    for path in ("/api/events", f"/api/jobs/{record.id}/events"):
        reply = await server.get(path, headers={"Origin": "http://evil.example"})
        assert reply.status_code == 403


async def test_a_proxys_name_is_answered_when_it_is_allowed(store: Settings) -> None:
    body = {"kind": "toy.count"}
    async with serving(store.model_copy(update={"allowed_hosts": "headway.example"})) as server:
        for host, origin, status in (
            ("Headway.example", "https://Headway.example", 202),
            ("headway.example:8443", "https://headway.example:8443", 202),
            ("headway.example", "https://evil.example", 403),
            ("headway.example", "https://headway.example:8443", 403),
            ("evil.example", "https://evil.example", 403),
        ):
            headers = {"Host": host, "Origin": origin}
            reply = await server.post("/api/jobs", json=body, headers=headers)
            assert (host, origin, reply.status_code) == (host, origin, status)

    assert "ALLOWED_HOSTS" in reply.json()["detail"]


async def test_an_open_headway_lets_no_other_sites_page_act(store: Settings) -> None:
    body = {"kind": "toy.count"}
    async with serving(store.model_copy(update={"headway_open": True})) as server:
        for origin, status in (
            ("http://headway.example", 202),
            ("http://evil.example", 403),
            ("null", 403),
            ("http://[", 403),
        ):
            headers = {"Host": "headway.example", "Origin": origin}
            reply = await server.post("/api/jobs", json=body, headers=headers)
            assert (origin, reply.status_code) == (origin, status)
            gone = await server.client.delete("/api/jobs/unknown", headers=headers)
            assert (origin, gone.status_code) == (origin, 404 if status == 202 else status)


async def test_an_open_headway_lets_any_name_in(store: Settings) -> None:
    async with serving(store.model_copy(update={"headway_open": True})) as server:
        reply = await server.get("/api/jobs", headers={"Host": "headway.example"})

    assert reply.status_code == 200


async def test_every_answer_forbids_what_a_page_does_not_need(server: Server) -> None:
    for path in ("/", "/api/jobs", "/nowhere", "/static/headway.css"):
        headers = (await server.get(path, headers={"Accept": "text/html"})).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


async def test_an_error_is_a_page_for_people_and_a_problem_for_programs(server: Server) -> None:
    page = await server.get("/nowhere", headers={"Accept": "text/html"})
    problem = await server.get("/nowhere", headers={"Accept": "*/*"})
    of_the_api = await server.get("/api/nowhere", headers={"Accept": "text/html"})

    assert page.headers["content-type"].startswith("text/html")
    assert problem.headers["content-type"] == "application/problem+json"
    assert of_the_api.headers["content-type"] == "application/problem+json"
    assert page.status_code == problem.status_code == of_the_api.status_code == 404


async def test_an_address_with_an_empty_part_is_nowhere(server: Server) -> None:
    reply = await server.get("/api/jobs//events")

    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_refused_form_names_its_fields_to_people_as_to_programs(server: Server) -> None:
    form = {"action": "paint"}
    page = await server.post("/jobs/bulk", data=form, headers={"Accept": "text/html"})
    problem = await server.post("/jobs/bulk", data=form, headers={"Accept": "application/json"})

    assert page.status_code == problem.status_code == 422
    assert problem.json()["title"] == HTTPStatus(422).phrase
    (told,) = problem.json()["errors"]
    assert "<h1>Some values are not valid</h1>" in page.text
    assert f"<li><b>{told['field']}</b>: {told['message']}</li>" in page.text


async def test_an_error_page_leads_back_to_where_one_was(server: Server, hand: Hand) -> None:
    over = hand.create(status=Status.FINISHED)
    html = {"Accept": "text/html"}
    for path, title, back in (
        ("/nowhere", "Not found", "/"),
        ("/jobs/nobody", "Not found", "/"),
        ("/characters/nobody", "Not found", "/characters"),
        ("/stories/nobody", "Not found", "/stories"),
    ):
        page = (await server.get(path, headers=html)).text
        assert f"<h1>{title}</h1>" in page
        assert f'class="button" href="{back}"' in page
    page = (await server.post(f"/jobs/{over.id}/stop", headers=html)).text
    assert "<h1>That is not possible right now</h1>" in page
    assert f'class="button" href="/jobs/{over.id}"' in page


async def test_a_method_that_is_not_there_is_refused(server: Server) -> None:
    for method, path in (("PUT", "/api/jobs"), ("DELETE", "/api/jobs"), ("POST", "/api/events")):
        reply = await server.client.request(method, path)
        assert (method, path, reply.status_code) == (method, path, 405)
        assert "GET" in reply.headers["allow"].split(", ")
        assert reply.headers["content-type"] == "application/problem+json"


async def test_what_breaks_inside_is_not_told_outside(
    store: Settings, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    behind.run(store, "ALTER TABLE jobs RENAME TO moved")
    caplog.set_level(logging.CRITICAL)

    for path in ("/api/jobs", "/api/jobs/x", "/api/jobs/x/events", "/"):
        reply = await server.get(path, headers={"Accept": "text/html"})
        assert (path, reply.status_code) in {(path, 500), (path, 503)}
        assert not TELLTALES.search(reply.text)
        assert "Nothing was changed" not in reply.text


async def test_a_store_that_cannot_be_written_is_told_with_a_time_to_come_back(
    store: Settings, server: Server
) -> None:
    server.parts.writing.longest_busy_milliseconds = 50
    with behind.locked(store):
        reply = await server.post("/api/jobs", json={"kind": "toy.count"})

    assert reply.status_code == 503
    assert reply.json()["detail"].endswith("Nothing was changed.")
    assert int(reply.headers["retry-after"]) > 0
    assert not TELLTALES.search(reply.text)
    assert (await server.post("/api/jobs", json={"kind": "toy.count"})).status_code == 202


async def test_requests_behind_a_locked_store_wait_together_not_one_after_another(
    store: Settings, server: Server
) -> None:
    requests = 12
    server.parts.writing.longest_busy_milliseconds = 1_000
    server.parts.writing.least_busy_milliseconds = 10
    body = {"kind": "toy.count"}
    with behind.locked(store):
        began = time.monotonic()
        asked = (server.post("/api/jobs", json=body) for _ in range(requests))
        replies = await asyncio.gather(*asked)
        waited = time.monotonic() - began

    assert [reply.status_code for reply in replies] == [503] * requests
    assert waited < requests / 2  # in seconds; one after another they need twice as long


async def test_a_request_that_is_cancelled_leaves_the_store_writable(
    server: Server, hand: Hand
) -> None:
    asked = [
        asyncio.create_task(server.post("/api/jobs", json={"kind": "toy.count"})) for _ in range(5)
    ]
    await asyncio.sleep(0)  # one turn of the loop: all have begun and none is done
    for task in asked:
        task.cancel()
    await asyncio.wait(asked)

    assert hand.create().seq >= 1
    assert (await server.post("/api/jobs", json={"kind": "toy.count"})).status_code == 202
