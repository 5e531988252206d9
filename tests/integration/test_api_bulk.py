"""Many jobs at once, the same request twice, and what a search finds."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from headway.client import Client
from headway.model.record import Status
from headway.settings import Settings
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand


async def test_jobs_that_are_named_are_done_and_the_others_say_why_not(
    server: Server, hand: Hand
) -> None:
    over = hand.create(status=Status.FINISHED)
    running = hand.start(hand.create())

    reply = await server.post(
        "/api/jobs/bulk", json={"action": "delete", "ids": [over.id, running.id, "nobody"]}
    )

    outcome = reply.json()
    assert (reply.status_code, outcome["matched"], outcome["done"]) == (200, 3, 1)
    assert {refused["id"] for refused in outcome["refused"]} == {running.id, "nobody"}
    assert (await server.get(f"/api/jobs/{over.id}")).status_code == 404
    assert (await server.get(f"/api/jobs/{running.id}")).status_code == 200


async def test_all_that_match_are_those_to_which_it_can_be_done(server: Server, hand: Hand) -> None:
    failed = [hand.create(status=Status.FAILED, title="wanted").id for _ in range(3)]
    hand.create(status=Status.FAILED, title="another")
    hand.create(status=Status.FINISHED, title="wanted")

    reply = await server.post("/api/jobs/bulk", json={"action": "retry", "match": {"q": "wanted"}})

    assert (reply.json()["matched"], reply.json()["done"]) == (3, 3)
    states = [(await server.get(f"/api/jobs/{job}")).json()["status"] for job in failed]
    assert states == ["queued"] * 3


class Held:
    """Lets the first of several jobs be done, then waits for the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go, self._done = threading.Event(), threading.Event(), 0
        really = Client.act

        def held(client: Client, *given: Any, **named: Any) -> None:
            self._hold()
            really(client, *given, **named)
            self._done += 1

        monkeypatch.setattr(Client, "act", held)

    def _hold(self) -> None:
        """In the writing thread."""
        if self._done == 1:
            self.reached.set()
            assert self.go.wait(20)


async def test_a_store_that_goes_away_in_the_middle_is_told_by_job(
    store: Settings, server: Server, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.parts.writing.longest_busy_milliseconds = 50
    first, *rest = (hand.create(status=Status.FINISHED).id for _ in range(3))
    held = Held(monkeypatch)
    body = {"action": "delete", "ids": [first, *rest]}

    asked = asyncio.create_task(server.post("/api/jobs/bulk", json=body))
    assert await asyncio.to_thread(held.reached.wait, 20)
    with behind.locked(store):
        held.go.set()
        reply = await asked

    outcome = reply.json()
    assert (reply.status_code, outcome["matched"], outcome["done"]) == (200, 3, 1)
    assert [refused["id"] for refused in outcome["refused"]] == rest
    assert {refused["reason"] for refused in outcome["refused"]} == {"The store could not be used."}


async def test_a_store_that_is_away_from_the_start_is_told_for_all(
    store: Settings, server: Server, hand: Hand
) -> None:
    server.parts.writing.longest_busy_milliseconds = 50
    over = hand.create(status=Status.FINISHED)
    with behind.locked(store):
        reply = await server.post("/api/jobs/bulk", json={"action": "delete", "ids": [over.id]})

    assert reply.status_code == 503
    assert (await server.get(f"/api/jobs/{over.id}")).status_code == 200


async def test_a_bulk_request_that_makes_no_sense_is_refused(server: Server) -> None:
    for body in (
        {"action": "delete"},
        {"action": "delete", "ids": [], "match": {}},
        {"action": "delete", "ids": "all"},
        {"action": "delete", "match": "all"},
        {"action": "delete", "match": {"q": 7}},
        {"action": "delete", "match": {"state": "failed"}},
        {"action": "delete", "match": {"status": []}},
        {"action": "delete", "match": {"kind": False}},
        {"action": "delete", "match": {"status": ["failed"]}},
        {"action": "delete", "match": None},
        {"action": "delete", "ids": [7]},
        {"action": "delete", "ids": ["x"] * 1_001},
        {"action": "delete", "match": {}, "from": 7},
        {"action": "explode", "ids": []},
    ):
        reply = await server.post("/api/jobs/bulk", json=body)
        assert (body, reply.status_code) == (body, 422)


HALF = r"\ud800"
NO_TEXT = [
    ("/api/jobs/bulk", f'{{"action": "stop", "ids": ["{HALF}"]}}', "ids"),
    ("/api/jobs/bulk", f'{{"action": "stop", "match": {{"q": "{HALF}"}}}}', "match"),
    ("/api/jobs/bulk", f'{{"action": "stop", "match": {{"kind": "{HALF}"}}}}', "match"),
    ("/api/jobs/bulk", f'{{"action": "{HALF}", "ids": []}}', "action"),
    ("/api/jobs", f'{{"kind": "{HALF}"}}', "kind"),
    ("/api/characters", f'{{"name": "{HALF}", "age": 1}}', "name"),
    ("/api/stories", f'{{"character_id": "{HALF}"}}', "character_id"),
]


async def test_half_a_character_is_refused_by_field(server: Server) -> None:
    for path, body, field in NO_TEXT:
        headers = {"content-type": "application/json"}
        reply = await server.post(path, content=body, headers=headers)

        assert (body, reply.status_code) == (body, 422)
        assert [error["field"] for error in reply.json()["errors"]] == [field]


async def test_the_same_request_twice_starts_one_job(server: Server) -> None:
    body = {"kind": "toy.count", "params": {}}
    key = {"Idempotency-Key": "once"}

    first = await server.post("/api/jobs", json=body, headers=key)
    again = await server.post("/api/jobs", json=body, headers=key)
    other = await server.post("/api/jobs", json=body, headers={"Idempotency-Key": "twice"})

    assert first.json()["id"] == again.json()["id"]
    assert other.json()["id"] != first.json()["id"]
    assert len((await server.get("/api/jobs")).json()["jobs"]) == 2


async def test_the_same_request_twice_starts_one_job_though_a_default_is_drawn(
    server: Server,
) -> None:
    key = {"Idempotency-Key": "once"}
    body: dict[str, Any] = {"kind": "toy.dice", "params": {}}
    given = body | {"params": {"seed": 2**31}}

    first = await server.post("/api/jobs", json=body, headers=key)
    again = await server.post("/api/jobs", json=body, headers=key)
    other = await server.post("/api/jobs", json=given, headers=key)

    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 409


async def test_a_key_that_was_used_for_other_parameters_is_refused(server: Server) -> None:
    key = {"Idempotency-Key": "once"}
    ada = {"name": "Ada", "age": 36}
    body = {"kind": "toy.count", "params": {"to": 4}}
    await server.post("/api/jobs", json={"kind": "toy.count"}, headers=key)
    first = await server.post("/api/characters", json=ada, headers={"Idempotency-Key": "ada"})

    other = await server.post("/api/jobs", json=body, headers=key)
    same = await server.post("/api/characters", json=ada, headers={"Idempotency-Key": "ada"})

    assert other.status_code == 409
    assert (same.status_code, same.json()) == (202, first.json())


async def test_a_key_that_was_used_for_another_kind_is_refused(server: Server) -> None:
    key = {"Idempotency-Key": "once"}
    await server.post("/api/jobs", json={"kind": "toy.count"}, headers=key)

    reply = await server.post("/api/characters", json={"name": "Ada", "age": 36}, headers=key)

    assert reply.status_code == 409
    assert (await server.get("/api/characters")).json() == {"characters": [], "next": None}
    assert (await server.get("/api/stories")).json() == {"stories": [], "next": None}


async def test_a_search_finds_parts_of_words_and_what_a_running_job_says(
    server: Server, hand: Hand
) -> None:
    titled = hand.create(title="Import of suppliers")
    saying = hand.change(hand.start(hand.create()), message="Reading suppliers.csv")
    ended = hand.fail(hand.start(hand.create()), "no such supplier")
    hand.create(title="something else")

    found = (await server.get("/api/jobs?q=SUPPLIER")).json()["jobs"]
    percent = (await server.get("/api/jobs?q=%25%25%25")).json()["jobs"]

    assert {job["id"] for job in found} == {titled.id, saying.id, ended.id}
    assert percent == []
