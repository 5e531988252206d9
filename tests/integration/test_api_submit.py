"""Starting jobs by the API, on the real server: what is taken, and what is refused."""

from __future__ import annotations

import re
from typing import Any

from headway.broker.connection import connected
from tests.support.app_server import Server
from tests.support.valkey import Valkey

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


JSON = {"content-type": "application/json"}


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


async def test_a_submitted_job_is_accepted_and_found_where_the_answer_says(server: Server) -> None:
    reply = await server.post("/api/jobs", json={"kind": "toy.count", "params": {"to": 5}})

    assert reply.status_code == 202
    record = reply.json()
    assert UUID7.fullmatch(record["id"])
    assert TIME.fullmatch(record["created_at"])
    assert reply.headers["location"] == f"/api/jobs/{record['id']}" == record["links"]["self"]
    found = (await server.get(reply.headers["location"])).json()
    assert {name: value for name, value in found.items() if name != "waits_for"} == record
    assert (record["status"], record["params"], record["title"]) == (
        "queued",
        {"to": 5},
        "Count to 5",
    )


async def test_a_submitted_job_is_in_rqs_queue(server: Server) -> None:
    record = await server.submit("toy.count")

    with connected(server.settings.redis_url) as redis:
        assert redis.lrange("rq:queue:toys", 0, -1) == [record["id"].encode()]


async def test_defaults_are_filled_in(server: Server) -> None:
    assert (await server.submit("toy.count"))["params"] == {"to": 3}


BAD_BODIES: list[tuple[Any, int, str | None]] = [
    ({"kind": "toy.count", "params": {"to": -1}}, 422, "to"),
    ({"kind": "toy.count", "params": {"to": "many"}}, 422, "to"),
    ({"kind": "toy.count", "params": []}, 422, "params"),
    ({"kind": "toy.steps", "params": {"extra": 1}}, 422, "extra"),
    ({"kind": "toy.count", "params": {"too": 1}}, 422, "too"),
    ({"kind": "toy.count", "delay": 1}, 422, "delay"),
    ({"kind": 7}, 422, "kind"),
    ({}, 422, "kind"),
    ({"kind": "toy.unknown"}, 404, None),
    ({"kind": "toy.count", "owner": ""}, 422, "owner"),
    ({"kind": "toy.count", "owner": 7}, 422, "owner"),
    ({"kind": "toy.count", "owner": "x" * 201}, 422, "owner"),
    ({"kind": "toy.count", "delay_seconds": -1}, 422, "delay_seconds"),
    ({"kind": "toy.count", "delay_seconds": True}, 422, "delay_seconds"),
    ({"kind": "toy.count", "delay_seconds": 1e12}, 422, "run_at"),
    ({"kind": "toy.count", "run_at": "tomorrow"}, 422, "run_at"),
    ({"kind": "toy.count", "run_at": "2026-01-31T12:00:00"}, 422, "run_at"),
    ({"kind": "toy.count", "run_at": 7}, 422, "run_at"),
    ({"kind": "toy.count", "run_at": "2026-01-31T12:00:00Z", "delay_seconds": 1}, 422,
     "delay_seconds"),
]  # fmt: skip


async def test_a_body_that_cannot_be_used_is_refused_by_field(server: Server) -> None:
    for body, status, field in BAD_BODIES:
        reply = await server.post("/api/jobs", json=body)

        assert (body, reply.status_code) == (body, status)
        assert reply.headers["content-type"] == "application/problem+json"
        problem = reply.json()
        assert problem["status"] == status
        fields = [error["field"] for error in problem.get("errors", [])]
        assert (body, fields) == (body, [field] if field else [])
    assert (await server.get("/api/jobs")).json()["jobs"] == []


async def test_a_delay_beyond_any_number_is_refused(server: Server) -> None:
    body = '{"kind": "toy.count", "delay_seconds": 1' + "0" * 400 + "}"

    reply = await server.post("/api/jobs", content=body, headers=JSON)

    assert reply.status_code == 422


async def test_a_number_without_end_is_refused_at_its_field(server: Server) -> None:
    for number in ("1e999", "-1e999"):
        body = f'{{"kind": "toy.nested", "params": {{"share": {number}}}}}'

        reply = await server.post("/api/jobs", content=body, headers=JSON)

        assert reply.status_code == 422
        assert [error["field"] for error in reply.json()["errors"]] == ["share"]


async def test_a_parameter_that_is_nested_too_deep_is_refused(server: Server) -> None:
    notes = '{"a": ' + "[" * 300 + "]" * 300 + "}"
    body = f'{{"kind": "toy.nested", "params": {{"notes": {notes}}}}}'

    reply = await server.post("/api/jobs", content=body, headers=JSON)

    assert reply.status_code == 422


NO_OBJECTS: list[tuple[bytes, str, int]] = [
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"", "application/json", 400),
    (b'{"kind": NaN}', "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b'{"kind": "toy.count"}', "text/plain", 415),
    (b'{"kind": "toy.count"}', "", 415),
    (b"kind=toy.count", "application/x-www-form-urlencoded", 415),
    (b'"' + b"x" * 600_000 + b'"', "application/json", 413),
]


async def test_a_body_that_is_no_json_object_is_refused(server: Server) -> None:
    for body, media_type, status in NO_OBJECTS:
        headers = {"content-type": media_type} if media_type else {}
        reply = await server.post("/api/jobs", content=body, headers=headers)

        assert (body[:40], reply.status_code) == (body[:40], status)
        assert reply.headers["content-type"] == "application/problem+json"


async def test_any_text_in_a_parameter_is_kept_or_refused_plainly(server: Server) -> None:
    for text in ("half \ud800", "nul \0", "שלום 🎈", "<script>", "\u2028"):
        escaped = "".join(f"\\u{unit:04x}" for unit in _utf16(text))
        body = f'{{"kind": "toy.fail", "params": {{"text": "{escaped}"}}}}'

        reply = await server.post("/api/jobs", content=body, headers=JSON)

        assert (text, reply.status_code) in {(text, 202), (text, 422)}
        if reply.status_code == 202:
            kept = (await server.get(reply.headers["location"])).json()
            assert kept["params"] == {"text": text}


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[i : i + 2]) for i in range(0, len(data), 2)]


async def test_a_job_is_accepted_while_redis_is_down(server: Server, valkey: Valkey) -> None:
    valkey.stop()

    record = await server.submit("toy.count")

    assert (await server.get(record["links"]["self"])).json()["status"] == "queued"


async def test_a_job_for_later_is_scheduled(server: Server) -> None:
    body = {"kind": "toy.count", "delay_seconds": 60}
    record = (await server.post("/api/jobs", json=body)).json()

    assert record["status"] == "scheduled"
    assert record["run_at"] > record["created_at"]
    with connected(server.settings.redis_url) as redis:
        assert redis.llen("rq:queue:toys") == 0


async def test_a_time_that_has_passed_means_now(server: Server) -> None:
    body = {"kind": "toy.count", "run_at": "2020-01-01T00:00:00+02:00"}

    assert (await server.post("/api/jobs", json=body)).json()["status"] == "queued"


async def test_every_kind_is_told_with_its_schema(server: Server) -> None:
    kinds = {kind["name"]: kind for kind in (await server.get("/api/kinds")).json()["kinds"]}

    assert {"toy.count", "character_generation", "story_generation"} <= set(kinds)
    assert kinds["toy.count"]["schema"]["properties"]["to"]["default"] == 3
    assert kinds["toy.fail_twice"]["max_attempts"] == 2
