"""One job's stream, on the real server: from its first event to its end."""

from __future__ import annotations

from quart_app.live.event import event_of_record
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening


def events_of(job_id: str) -> str:
    """The address of a job's stream."""
    return f"/api/jobs/{job_id}/events"


async def test_the_first_event_is_the_record_as_it_is(server: Server, hand: Hand) -> None:
    record = hand.change(hand.start(hand.create()), progress=42.0, message="Painting")

    async with listening(server, events_of(record.id)) as stream:
        first = await stream.next()

    assert first.name == "job"
    assert first.id == f"{hand.store.epoch}:{record.seq}"
    shown = (await server.get(f"/api/jobs/{record.id}")).json()
    assert first.data == {
        name: shown[name] for name in shown if name not in ("params", "waits_for")
    }


async def test_a_stream_is_nothing_that_may_be_kept_or_gathered(server: Server, hand: Hand) -> None:
    async with listening(server, events_of(hand.create().id)) as stream:
        headers = stream.response.headers

    assert headers["content-type"].startswith("text/event-stream")
    assert "no-store" in headers["cache-control"]
    assert headers["x-accel-buffering"] == "no"


async def test_a_job_is_seen_from_queued_to_its_end_and_then_the_stream_ends(
    server: Server, hand: Hand
) -> None:
    record = hand.create()
    async with listening(server, events_of(record.id)) as stream:
        await stream.until("job", status="queued")
        record = hand.start(record)
        await stream.until("job", status="started")
        record = hand.change(record, progress=50.0, message="Half-way")
        await stream.until("job", progress=50.0, message="Half-way")
        record = hand.finish(record, {"answer": 42})

        rest = await stream.rest()

    last, end = rest
    assert (last.name, last.data["status"], last.data["result"]) == (
        "job", "finished", {"answer": 42},
    )  # fmt: skip
    assert (end.name, end.data) == ("end", {"id": record.id, "status": "finished"})
    assert len(server.parts.hub) == 0


async def test_no_event_carries_parameters_or_a_traceback(server: Server, hand: Hand) -> None:
    record = hand.fail(hand.start(hand.create(params={"secret": 1})))

    async with listening(server, events_of(record.id)) as stream:
        shown = await stream.next("job")

    assert shown.data["error"] == {"type": "ValueError", "message": "no luck"}
    assert "params" not in shown.data


async def test_seqs_only_rise_and_the_end_comes_however_fast_a_job_talks(
    server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    async with listening(server, events_of(record.id)) as stream:
        await stream.next("job")
        for number in range(300):
            record = hand.change(record, message=f"number {number}")
        hand.finish(record)
        *rest, end = await stream.rest()

    seqs = [got.data["seq"] for got in rest]
    assert seqs == sorted(set(seqs))
    assert len(seqs) < 300
    assert (rest[-1].data["status"], rest[-1].data["message"]) == ("finished", "number 299")
    assert end.name == "end"


async def test_a_job_that_is_deleted_is_sent_as_gone(server: Server, hand: Hand) -> None:
    record = hand.fail(hand.start(hand.create()))
    following = (await server.post(f"/api/jobs/{record.id}/retry")).json()
    async with listening(server, events_of(record.id)) as stream:
        await stream.until("job", status="queued", attempt=following["attempt"])
        canceled = (await server.post(f"/api/jobs/{record.id}/stop")).json()
        assert (await server.client.delete(f"/api/jobs/{record.id}")).status_code == 204
        *_, last, end = await stream.rest()

    assert canceled["status"] == "canceled"
    assert last.name in {"job", "gone"}
    if last.name == "gone":
        assert last.data == {"id": record.id}
    status = "canceled" if last.name == "job" else None
    assert (end.name, end.data) == ("end", {"id": record.id, "status": status})


async def test_a_stream_that_reads_anew_and_finds_its_job_deleted_says_so(
    server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    async with listening(server, events_of(record.id)) as stream:
        await stream.next("job")
        hand.store.delete(hand.finish(record, publish=False).id)
        server.parts.hub.resync()
        rest = await stream.rest()

    assert [(got.name, got.data) for got in rest] == [
        ("gone", {"id": record.id}),
        ("end", {"id": record.id, "status": None}),
    ]


async def test_an_end_that_was_taken_back_before_it_was_read_is_none(
    server: Server, hand: Hand
) -> None:
    failed = hand.fail(hand.start(hand.create()))
    retried = (await server.post(f"/api/jobs/{failed.id}/retry")).json()
    async with listening(server, events_of(failed.id)) as stream:
        await stream.until("job", status="queued")
        server.parts.hub.deliver(event_of_record(failed))
        canceled = (await server.post(f"/api/jobs/{failed.id}/stop")).json()
        rest = await stream.rest()

    assert failed.seq < retried["seq"] < canceled["seq"]
    assert [(got.name, got.data["status"]) for got in rest] == [
        ("job", "canceled"),
        ("end", "canceled"),
    ]


async def test_the_log_comes_along_when_it_is_asked_for(server: Server, hand: Hand) -> None:
    record = hand.say(hand.start(hand.create()), "one", "two")
    async with listening(server, f"{events_of(record.id)}?log=1") as stream:
        first = await stream.next("log")
        record = hand.say(record, "three\u2028with a separator")
        second = await stream.next("log")
        hand.finish(record)
        rest = await stream.rest()

    assert (first.data["from"], first.data["lines"]) == (1, ["one", "two"])
    assert (second.data["from"], second.data["lines"]) == (3, ["three\u2028with a separator"])
    assert [got.name for got in rest] == ["job", "job", "end"]
    assert rest[1].data["status"] == "finished"


async def test_a_long_log_comes_whole_and_in_order(server: Server, hand: Hand) -> None:
    lines = [f"line {number}" for number in range(1200)]
    record = hand.finish(hand.say(hand.start(hand.create()), *lines))

    async with listening(server, f"{events_of(record.id)}?log=1") as stream:
        rest = await stream.rest()

    sent = [line for got in rest if got.name == "log" for line in got.data["lines"]]
    assert sent == lines
    assert [got.name for got in rest[-2:]] == ["job", "end"]
