"""The list's stream, on the real server: the snapshot, the changes, the filter."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from headway.store import JobFilter
from quart_app.live.stream import ListView, stream
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import Got, Listening, listening, reading


def a_list(
    server: Server, wanted: JobFilter, *, heartbeat_seconds: float = 60.0, **bounds: int
) -> AbstractAsyncContextManager[Listening]:
    """A stream of the list beside the server's own, with other bounds."""
    parts = server.parts
    view = ListView(parts.reader, parts.relay, parts.status, wanted, None, **bounds)
    return reading(stream(parts.hub, view, heartbeat_seconds=heartbeat_seconds))


async def test_the_first_event_is_everything_there_is(server: Server, hand: Hand) -> None:
    older = hand.create()
    newer = hand.start(hand.create())
    hand.heartbeat("a-worker")

    async with listening(server, "/api/events") as stream:
        snapshot = (await stream.next("snapshot")).data

    assert [job["id"] for job in snapshot["jobs"]] == [newer.id, older.id]
    assert "params" not in snapshot["jobs"][0]
    assert snapshot["cursor"] == f"{hand.store.epoch}:{newer.seq}"
    assert [queue["name"] for queue in snapshot["queues"]] == ["toys"]
    assert [worker["name"] for worker in snapshot["workers"]] == ["a-worker"]
    assert (snapshot["counts"]["queued"], snapshot["counts"]["started"]) == (1, 1)


async def test_every_change_after_the_snapshot_is_sent(server: Server, hand: Hand) -> None:
    first = hand.create()
    async with listening(server, "/api/events") as stream:
        await stream.next("snapshot")
        second = hand.create()
        await stream.until("job", id=second.id, status="queued")
        hand.finish(hand.start(first), "done")
        got = await stream.until("job", id=first.id, status="finished")

    assert got.data["result"] == "done"


async def test_the_counts_and_queues_follow(server: Server, hand: Hand) -> None:
    async with listening(server, "/api/events") as stream:
        await stream.next("snapshot")
        hand.create()
        counts = await _until(stream, "counts", lambda data: data["counts"]["queued"] == 1)
        hand.create(queue="other")
        await _until(stream, "queues", lambda data: len(data["queues"]) == 2)

    assert counts.data["counts"]["started"] == 0


async def _until(stream: Any, name: str, wanted: Any) -> Got:
    while True:
        got: Got = await stream.next(name)
        if wanted(got.data):
            return got


async def test_a_job_that_leaves_the_filter_is_gone(server: Server, hand: Hand) -> None:
    record = hand.start(hand.create())
    other = hand.create(kind="toy.other")
    async with listening(server, "/api/events?status=started,queued&kind=toy.count") as stream:
        snapshot = (await stream.next("snapshot")).data
        hand.change(other, message="not for this list")
        hand.finish(record)
        got = await stream.next("job", "gone")

    assert [job["id"] for job in snapshot["jobs"]] == [record.id]
    assert (got.name, got.data) == ("gone", {"id": record.id})


async def test_a_job_that_comes_into_the_filter_is_sent(server: Server, hand: Hand) -> None:
    record = hand.create()
    async with listening(server, "/api/events?status=started") as stream:
        assert (await stream.next("snapshot")).data["jobs"] == []
        hand.start(record)
        got = await stream.next("job", "gone")

    assert (got.name, got.data["id"]) == ("job", record.id)


async def test_a_search_follows_what_jobs_say(server: Server, hand: Hand) -> None:
    record = hand.start(hand.create())
    async with listening(server, "/api/events?q=Painting") as stream:
        assert (await stream.next("snapshot")).data["jobs"] == []
        record = hand.change(record, message="Painting the sky")
        came = await stream.next("job", "gone")
        hand.change(record, message="Done")
        went = await stream.next("job", "gone")

    assert (came.name, came.data["id"]) == ("job", record.id)
    assert (went.name, went.data["id"]) == ("gone", record.id)


async def test_a_deleted_job_is_gone(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))
    async with listening(server, "/api/events") as stream:
        await stream.next("snapshot")
        assert (await server.client.delete(f"/api/jobs/{record.id}")).status_code == 204
        got = await stream.next("job", "gone")

    assert (got.name, got.data) == ("gone", {"id": record.id})


async def test_a_deleted_job_below_the_snapshot_is_gone_as_well(server: Server, hand: Hand) -> None:
    below = hand.finish(hand.start(hand.create()))
    shown = hand.create()
    async with a_list(server, JobFilter(), snapshot_jobs=1) as listed:
        snapshot = (await listed.next("snapshot")).data
        hand.delete(below)
        got = await listed.next("job", "gone")

    assert [job["id"] for job in snapshot["jobs"]] == [shown.id]
    assert (got.name, got.data) == ("gone", {"id": below.id})


async def test_a_quiet_list_says_that_it_lives(server: Server) -> None:
    async with a_list(server, JobFilter(), heartbeat_seconds=0.05) as listed:
        await listed.next("snapshot")
        beat = await listed.next("heartbeat")

    assert beat.data == {}


async def test_a_query_that_cannot_be_used_is_refused_before_a_stream_begins(
    server: Server,
) -> None:
    reply = await server.get("/api/events?status=done")

    assert reply.status_code == 422
    assert len(server.parts.hub) == 0


async def test_a_job_shown_long_ago_is_named_when_it_goes(server: Server, hand: Hand) -> None:
    first = hand.create()
    async with a_list(server, JobFilter(status=frozenset({"queued"})), remembered_jobs=3) as listed:
        await listed.next("snapshot")
        for _ in range(5):
            newest = hand.create()
            await listed.until("job", id=newest.id)
        hand.start(first)
        got = await listed.next("job", "gone")

    assert (got.name, got.data) == ("gone", {"id": first.id})
