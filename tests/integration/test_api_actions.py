"""Stop, retry and delete by the API."""

from __future__ import annotations

import pytest

from headway.broker.connection import connected
from headway.model.record import Status
from tests.support.app_server import Server
from tests.support.by_hand import Hand


async def test_a_waiting_job_is_canceled(server: Server) -> None:
    record = await server.submit("toy.count")

    reply = await server.post(f"/api/jobs/{record['id']}/stop")

    assert (reply.status_code, reply.json()["status"]) == (202, "canceled")
    with connected(server.settings.redis_url) as redis:
        assert redis.llen("rq:queue:toys") == 0


async def test_a_started_job_is_asked_to_stop_once(server: Server, hand: Hand) -> None:
    record = hand.start(hand.create())

    first = await server.post(f"/api/jobs/{record.id}/stop")
    again = await server.post(f"/api/jobs/{record.id}/stop")

    assert (first.status_code, first.json()["status"]) == (202, "started")
    assert first.json()["stop_by"]
    assert again.status_code == 409


async def test_an_action_is_taken_or_refused_by_the_jobs_state(server: Server, hand: Hand) -> None:
    seen = {}
    for action in ("stop", "retry", "delete"):
        for held in (Status.QUEUED, Status.STARTED, Status.FINISHED, Status.FAILED):
            path = f"/api/jobs/{hand.create(status=held).id}"
            asked = (
                server.client.delete(path)
                if action == "delete"
                else server.post(f"{path}/{action}")
            )
            seen[action, held.value] = (await asked).status_code

    assert {key for key, status in seen.items() if status in {202, 204}} == {
        ("stop", "queued"),
        ("stop", "started"),
        ("retry", "failed"),
        ("delete", "finished"),
        ("delete", "failed"),
    }
    assert set(seen.values()) == {202, 204, 409}


async def test_a_retried_job_is_queued_again_in_its_next_attempt(
    server: Server, hand: Hand
) -> None:
    record = hand.fail(hand.start(hand.create()))

    reply = await server.post(f"/api/jobs/{record.id}/retry")

    assert reply.status_code == 202
    assert (reply.json()["status"], reply.json()["attempt"]) == ("queued", 2)
    with connected(server.settings.redis_url) as redis:
        assert redis.lrange("rq:queue:toys", 0, -1) == [record.id.encode()]


@pytest.mark.parametrize("job_id", ["_nightly", "x" * 101])
async def test_a_job_whose_id_is_no_file_name_is_deleted(
    server: Server, hand: Hand, job_id: str
) -> None:
    hand.finish(hand.start(hand.create(id=job_id)))

    assert (await server.client.delete(f"/api/jobs/{job_id}")).status_code == 204

    assert (await server.get(f"/api/jobs/{job_id}")).status_code == 404


async def test_a_deleted_job_is_gone_with_its_files(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.start(hand.create()))
    folder = server.settings.data_dir / "artifacts" / record.id
    folder.mkdir(parents=True)
    (folder / "note.txt").write_text("kept")

    assert (await server.client.delete(f"/api/jobs/{record.id}")).status_code == 204

    assert (await server.get(f"/api/jobs/{record.id}")).status_code == 404
    assert (await server.get("/api/jobs")).json()["jobs"] == []
    assert not folder.exists()


async def test_a_character_whose_job_was_deleted_says_why_it_has_no_portrait(
    server: Server,
) -> None:
    made = (await server.post("/api/characters", json={"name": "Ada", "age": 36})).json()
    job = f"/jobs/{made['job']['id']}"
    await server.post(f"/api{job}/stop")
    assert (await server.client.delete(f"/api{job}")).status_code == 204

    page = (await server.get(f"/characters/{made['character']['id']}")).text

    assert "There is no portrait" in page
    assert job not in page, "this link would lead nowhere"
