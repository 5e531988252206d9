"""What a request may not see does not exist for it: in the API, on pages, in streams."""

from __future__ import annotations

from functools import partial

import pytest

from headway.model.record import JsonDict, Record, Status
from quart_app import access, create_app
from tests.support.app_server import Server
from tests.support.by_hand import Hand, keep_artifact
from tests.support.sse_client import listening


@pytest.fixture
def bobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request may see and do what is Bob's, and nothing else."""
    monkeypatch.setattr(access, "Gate", partial(access.Gate, owner="bob"))


def of_ada(server: Server, hand: Hand) -> Record:
    """A failed job of Ada's, with a file, a line of log and a result."""
    record = hand.start(hand.create(owner="ada", title="Ada's secret"))
    note = keep_artifact(server.settings, record.id, "note.txt", b"kept")
    hand.fail(hand.say(hand.attach(record, note), "a line"))
    return hand.store.job(record.id)


async def test_a_job_that_may_not_be_seen_is_unknown_on_every_route(
    server: Server, hand: Hand, bobs: None
) -> None:
    record = of_ada(server, hand)
    routes = create_app(server.settings).url_map.iter_rules()
    of_a_job = [rule for rule in routes if "job_id" in rule.arguments]

    assert len(of_a_job) > 12
    for rule in of_a_job:
        path = rule.rule.replace("<job_id>", record.id).replace("<name>", "note.txt")
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            reply = await server.client.request(method, path)
            assert (method, path, reply.status_code) == (method, path, 404)
            assert "secret" not in reply.text
    assert hand.store.job(record.id) == record


async def test_a_list_shows_and_counts_only_what_may_be_seen(
    server: Server, hand: Hand, bobs: None
) -> None:
    record, own = of_ada(server, hand), hand.create(owner="bob", status=Status.FAILED)

    for query in ({}, {"owner": "ada"}, {"status": "failed"}, {"q": "secret"}):
        listed = (await server.get("/api/jobs", params=query)).json()["jobs"]
        page = (await server.get("/", params=query)).text
        counts = (await server.get("/api/counts", params=query)).json()["counts"]
        assert record.id not in [job["id"] for job in listed]
        assert record.id not in page
        assert counts["failed"] <= 1
    assert (await server.get("/api/jobs", params={"before": record.id})).status_code in {200, 404}
    async with listening(server, "/api/events") as stream:
        snapshot = await stream.next("snapshot")
        assert [job["id"] for job in snapshot.data["jobs"]] == [own.id]


async def test_a_bulk_action_reaches_only_what_may_be_seen(
    server: Server, hand: Hand, bobs: None
) -> None:
    record, own = of_ada(server, hand), hand.create(owner="bob", status=Status.FAILED)

    chosen: list[JsonDict] = [{"ids": [record.id]}, {"match": {"owner": "ada"}}, {"match": {}}]
    for jobs in chosen:
        await server.post("/api/jobs/bulk", json={"action": "delete", **jobs})

    assert hand.store.job(record.id) == record
    assert (await server.get(f"/api/jobs/{own.id}")).status_code == 404


async def test_a_new_job_belongs_to_whom_the_request_speaks_for(
    server: Server, hand: Hand, bobs: None
) -> None:
    reply = await server.post("/api/jobs", json={"kind": "toy.count", "owner": "ada"})

    assert reply.json()["owner"] == "bob"
