"""The API does what `/openapi.json` says of it, and `/openapi.json` says all that it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from headway.model.record import Record, Status
from quart_app import create_app
from quart_app.api import openapi
from tests.support.app_server import Server
from tests.support.by_hand import Hand, keep_artifact

ALL = openapi.operations(create_app())
PROBLEM = "application/problem+json"
ADA = {"name": "Ada", "age": 36}
FORM = {"name": (None, "Ada"), "age": (None, "36")}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, the answer that is expected, and the operation's address if it is another."""

    method: str
    path: str
    status: int
    operation: str = ""
    more: dict[str, Any] = field(default_factory=dict)


async def described(server: Server) -> Any:
    """The document."""
    return (await server.get("/openapi.json")).json()


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    """(method and path, what is said of it) of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


async def test_every_operation_says_what_it_answers(server: Server) -> None:
    names = set()
    for name, operation in operations(await described(server)):
        assert operation["responses"], name
        assert operation["operationId"] not in names
        names.add(operation["operationId"])
        for code, answer in operation["responses"].items():
            media_types = set(answer.get("content", {}))
            assert answer["description"], (name, code)
            if " /api/" in name and int(code) >= 400 and int(code) != 412:
                assert media_types == {PROBLEM}, (name, code)


async def test_every_route_for_programs_is_described_and_nothing_else(server: Server) -> None:
    assert {name for name, _ in operations(await described(server))} == ALL.keys()


async def test_what_refers_to_a_shape_finds_it(server: Server) -> None:
    document = await described(server)

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from (value for key, value in part.items() if key == "$ref")
        for each in part.values() if isinstance(part, dict) else part:
            if isinstance(each, dict | list):
                yield from references(each)

    missing = {
        reference
        for reference in references(document)
        if reference.rpartition("/")[2] not in document["components"]["schemas"]
    }
    assert missing == set()


async def test_what_a_request_may_bring_is_told(server: Server) -> None:
    told = dict(operations(await described(server)))

    for name in ("POST /api/jobs", "POST /api/characters", "POST /api/stories"):
        assert "Idempotency-Key" in [each["name"] for each in told[name]["parameters"]]
    assert set(told["POST /api/characters"]["requestBody"]["content"]) == {
        "application/json",
        "multipart/form-data",
    }
    for name, parameter, least, most in (
        ("GET /api/jobs", "limit", 1, 500),
        ("GET /api/characters", "limit", 1, 500),
        ("GET /api/jobs/{job_id}", "wait", 0, 55),
    ):
        found = {each["name"]: each["schema"] for each in told[name]["parameters"]}[parameter]
        assert (found["minimum"], found["maximum"]) == (least, most)


def requests(over: Record, waiting: Record, character: str, story: str) -> list[Request]:
    """One request for each answer that can be had without breaking anything."""
    job, path = "/api/jobs/{job_id}", f"/api/jobs/{over.id}"
    of_it = "/api/characters/{character_id}"
    note = f"{path}/artifacts/note.txt"
    return [
        Request("GET", "/api/kinds", 200),
        Request("GET", "/api/kinds", 403, more={"headers": {"Host": "evil.example"}}),
        Request("POST", "/api/jobs", 202, more={"json": {"kind": "toy.count"}}),
        Request("POST", "/api/jobs", 400, more={"content": "{", "headers": JSON}),
        Request("POST", "/api/jobs", 404, more={"json": {"kind": "toy.unknown"}}),
        Request("POST", "/api/jobs", 413, more={"content": "x" * 600_000, "headers": JSON}),
        Request("POST", "/api/jobs", 415, more={"content": "{}"}),
        Request("POST", "/api/jobs", 422, more={"json": {}}),
        Request("GET", "/api/jobs", 200),
        Request("GET", "/api/jobs?limit=0", 422, "/api/jobs"),
        Request("GET", "/api/jobs?before=x", 404, "/api/jobs"),
        Request("POST", "/api/jobs/bulk", 200, more={"json": {"action": "stop", "ids": ["x"]}}),
        Request("POST", "/api/jobs/bulk", 422, more={"json": {}}),
        Request("GET", path, 200, job),
        Request("GET", path, 304, job, {"headers": {"If-None-Match": "*"}}),
        Request("GET", f"{path}?wait=56", 422, job),
        Request("GET", f"{path}x", 404, job),
        Request("POST", f"{path}/stop", 409, f"{job}/stop"),
        Request("POST", f"/api/jobs/{waiting.id}/stop", 202, f"{job}/stop"),
        Request("POST", f"/api/jobs/{waiting.id}/retry", 202, f"{job}/retry"),
        Request("DELETE", f"/api/jobs/{waiting.id}", 409, job),
        Request("GET", f"{path}/attempts", 200, f"{job}/attempts"),
        Request("GET", f"{path}/timeline", 200, f"{job}/timeline"),
        Request("GET", f"{path}/log", 200, f"{job}/log"),
        Request("GET", f"{path}/log.txt", 200, f"{job}/log.txt"),
        Request("GET", note, 200, f"{job}/artifacts/{{name}}"),
        Request("GET", note, 206, f"{job}/artifacts/{{name}}", {"headers": {"Range": "bytes=-2"}}),
        Request("GET", note, 416, f"{job}/artifacts/{{name}}", {"headers": {"Range": "bytes=9-"}}),
        Request("GET", f"{path}/events", 200, f"{job}/events"),
        Request("GET", "/api/events?state=x", 422, "/api/events"),
        Request("POST", "/api/characters", 202, more={"json": ADA}),
        Request("POST", "/api/characters", 202, more={"files": FORM}),
        Request("POST", "/api/characters", 415,
                more={"data": ADA, "files": {"reference_photo": b"GIF89a"}}),
        Request("GET", "/api/characters", 200),
        Request("GET", "/api/characters?before=x", 404, "/api/characters"),
        Request("GET", f"/api/characters/{character}", 200, of_it),
        Request("GET", "/api/characters/x", 404, of_it),
        Request("GET", f"/api/characters/{character}/generation-status", 200,
                f"{of_it}/generation-status"),
        Request("POST", "/api/stories", 202, more={"json": {"character_id": character}}),
        Request("POST", "/api/stories", 422, more={"json": {"character_id": "x"}}),
        Request("GET", "/api/stories", 200),
        Request("GET", "/api/stories?before=x", 404, "/api/stories"),
        Request("GET", f"/api/stories/{story}", 200, "/api/stories/{story_id}"),
        Request("GET", "/api/queues", 200),
        Request("GET", "/api/workers", 200),
        Request("GET", "/api/counts", 200),
        Request("GET", "/api/throughput", 200),
        Request("GET", "/healthz", 200),
        Request("GET", "/readyz", 200),
        Request("GET", "/metrics", 200),
        Request("DELETE", path, 204, job),
    ]  # fmt: skip


async def test_what_is_answered_is_described(server: Server, hand: Hand) -> None:
    told = dict(operations(await described(server)))
    hand.heartbeat("a-worker")
    record = hand.start(hand.create())
    note = keep_artifact(server.settings, record.id, "note.txt", b"kept")
    over = hand.fail(hand.say(hand.attach(record, note), "a line"))
    waiting = hand.create(status=Status.QUEUED)
    made = (await server.post("/api/characters", json=ADA)).json()["character"]["id"]
    reply = await server.post("/api/stories", json={"character_id": made})

    for asked in requests(over, waiting, made, reply.json()["story"]["id"]):
        reply = await server.client.request(asked.method, asked.path, **asked.more)

        name = f"{asked.method} {asked.operation or asked.path}"
        assert (name, reply.status_code) == (name, asked.status), reply.text
        check(name, told[name]["responses"], reply)


def check(name: str, answers: Any, reply: httpx.Response) -> None:
    """Raises AssertionError or ValidationError for an answer that is not described."""
    status = reply.status_code
    answer = answers[str(status)]
    if not reply.content:
        return
    media_type = reply.headers["content-type"].partition(";")[0]
    assert {media_type, "application/octet-stream"} & answer["content"].keys(), name
    shape = ALL[name].good.get(status)
    if isinstance(shape, type):
        shape.model_validate(reply.json(), extra="forbid")
