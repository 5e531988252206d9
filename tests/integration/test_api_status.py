"""One job's status by the API: now, when it changes, and only if it changed."""

from __future__ import annotations

import asyncio
import os

from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.waiting import eventually_async


async def test_a_job_that_is_not_there_is_not_found_in_any_way(server: Server) -> None:
    for path in ("", "/log", "/attempts", "/timeline", "/events", "/artifacts/x"):
        reply = await server.get(f"/api/jobs/unknown{path}")
        assert (path, reply.status_code) == (path, 404)
    for path in ("/stop", "/retry"):
        assert (await server.post(f"/api/jobs/unknown{path}")).status_code == 404
    assert (await server.client.delete("/api/jobs/unknown")).status_code == 404


async def test_an_unchanged_record_is_not_sent_twice(server: Server, hand: Hand) -> None:
    record = hand.create()
    first = await server.get(f"/api/jobs/{record.id}")

    same = await server.get(
        f"/api/jobs/{record.id}", headers={"If-None-Match": first.headers["etag"]}
    )
    by_a_proxy = await server.get(
        f"/api/jobs/{record.id}", headers={"If-None-Match": f"W/{first.headers['etag']}"}
    )
    hand.start(record)
    changed = await server.get(
        f"/api/jobs/{record.id}", headers={"If-None-Match": first.headers["etag"]}
    )

    assert (same.status_code, same.content) == (304, b"")
    assert "content-length" not in same.headers, "it would say that the record is empty"
    assert (by_a_proxy.status_code, by_a_proxy.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_waiting_request_is_answered_when_the_record_changes(
    server: Server, hand: Hand
) -> None:
    record = hand.create()
    path = f"/api/jobs/{record.id}"
    known = (await server.get(path)).headers["etag"]

    waiting = asyncio.create_task(server.get(f"{path}?wait=25", headers={"If-None-Match": known}))
    await eventually_async(lambda: len(server.parts.hub) == 1)
    hand.start(record)
    reply = await asyncio.wait_for(waiting, 20)

    assert reply.status_code == 200
    assert reply.json()["status"] == "started"


async def test_a_waiting_request_that_is_behind_is_answered_at_once(
    server: Server, hand: Hand
) -> None:
    record = hand.create()
    path = f"/api/jobs/{record.id}"
    known = (await server.get(path)).headers["etag"]
    hand.start(record)

    reply = await asyncio.wait_for(
        server.get(f"{path}?wait=55", headers={"If-None-Match": known}), 20
    )

    assert reply.json()["status"] == "started"


async def test_a_waiting_request_is_answered_when_its_time_is_up(
    server: Server, hand: Hand
) -> None:
    record = hand.create()
    path = f"/api/jobs/{record.id}"
    known = (await server.get(path)).headers["etag"]

    reply = await server.get(f"{path}?wait=1", headers={"If-None-Match": known})

    assert reply.status_code == 304
    assert len(server.parts.hub) == 0


async def test_a_job_that_is_over_is_not_waited_for(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))

    reply = await asyncio.wait_for(server.get(f"/api/jobs/{record.id}?wait=55"), 20)

    assert reply.json()["status"] == "finished"


async def test_a_wait_that_is_no_number_of_seconds_is_refused(server: Server, hand: Hand) -> None:
    record = hand.create()
    for wait in ("-1", "56", "soon", "1.5", "²", "9" * 5000):
        reply = await server.get(f"/api/jobs/{record.id}", params={"wait": wait})

        assert (wait, reply.status_code) == (wait, 422)
        assert reply.json()["errors"][0]["field"] == "wait"


async def test_the_timeline_is_read(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))

    links = (await server.get(f"/api/jobs/{record.id}")).json()["links"]
    moments = (await server.get(links["timeline"])).json()["moments"]

    assert [moment["status"] for moment in moments] == ["queued", "started", "finished"]
    assert moments[-1]["seq"] == record.seq


async def test_the_log_and_the_attempts_are_read(server: Server, hand: Hand) -> None:
    record = hand.fail(hand.say(hand.start(hand.create()), "one", "two", "three"))

    log = (await server.get(f"/api/jobs/{record.id}/log?after=1")).json()
    attempts = (await server.get(f"/api/jobs/{record.id}/attempts")).json()["attempts"]

    assert [(line["number"], line["text"]) for line in log["lines"]] == [(2, "two"), (3, "three")]
    assert log["log_lines"] == 3
    assert [(a["number"], a["status"], a["worker"]) for a in attempts] == [
        (1, "failed", "a-worker")
    ]
    assert attempts[0]["error"]["message"] == "no luck"
    assert attempts[0]["pid"] == os.getpid()
