"""The names in an address' query: one rule for every route of the API."""

from __future__ import annotations

import pytest

from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening


async def test_every_route_refuses_a_name_it_does_not_know_and_says_which_there_are(
    server: Server,
) -> None:
    paths = (await server.get("/openapi.json")).json()["paths"]
    operations = [
        (method, path, [each["name"] for each in said["parameters"] if each["in"] == "query"])
        for path, methods in paths.items()
        for method, said in methods.items()
        if path.startswith("/api/")
    ]

    assert len(operations) > 20
    for method, path, known in operations:
        address = path.format_map(
            dict.fromkeys(["job_id", "character_id", "story_id", "name"], "x")
        )
        reply = await server.client.request(method, address, params={"unknown": "1"})
        assert (path, reply.status_code) == (path, 422)
        (told,) = reply.json()["errors"]
        assert told["field"] == "unknown"
        assert all(name in told["message"] for name in known), (path, told)


async def test_a_body_with_a_name_that_is_not_known_starts_and_deletes_nothing(
    server: Server, hand: Hand
) -> None:
    over = hand.finish(hand.start(hand.create()))
    for path, body, known in (
        ("/api/jobs", {"kind": "toy.count", "prams": {}}, "params"),
        ("/api/jobs/bulk", {"action": "delete", "match": {}, "limit": 1}, "match"),
        ("/api/jobs/bulk", {"action": "delete", "match": {"satus": "failed"}}, "status"),
    ):
        reply = await server.post(path, json=body)
        assert (body, reply.status_code) == (body, 422)
        assert known in reply.json()["errors"][0]["message"]

    left = (await server.get("/api/jobs")).json()["jobs"]
    assert [job["id"] for job in left] == [over.id]


async def test_what_libraries_append_to_any_address_is_let_by(server: Server, hand: Hand) -> None:
    path = f"/api/jobs/{hand.create().id}"
    for address in (path, "/api/jobs", "/api/events", f"{path}/events"):
        assert (await server.client.head(address, params={"_": "1764207600"})).status_code == 200


@pytest.mark.parametrize("value", ["true", "", "2"])
async def test_a_log_that_is_neither_wanted_nor_not_is_refused(
    server: Server, hand: Hand, value: str
) -> None:
    reply = await server.get(f"/api/jobs/{hand.create().id}/events", params={"log": value})

    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == ["log"]


async def test_a_position_that_a_library_appended_is_newer_than_the_addresss_own(
    server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    older, newer = (f"{hand.store.epoch}:{seq}" for seq in (record.seq, record.seq + 1))
    hand.finish(record)
    path = f"/api/jobs/{record.id}/events?last_event_id={older}"

    assert (await server.get(f"{path}&lastEventId={newer}")).status_code == 204
    async with listening(server, f"/api/events?lastEventId={older}") as stream:
        assert (await stream.next("job", "snapshot")).name == "job"
