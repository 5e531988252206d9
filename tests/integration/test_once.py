"""A request that is sent twice with the same key starts one job, told by what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, Field, FutureDatetime

from headway.kinds import registry
from headway.model.record import as_time
from jobs import kind
from tests.support import behind
from tests.support.app_server import Server
from tests.support.databases import ON_BOTH
from tests.support.waiting import eventually_async

KEY = {"Idempotency-Key": "once"}
PHOTO = b"\x89PNG\r\n\x1a\n" + b"\0" * 100

pytestmark = ON_BOTH


def moment() -> str:
    """A clock that stands still for a while, as one of whole seconds does."""
    return str(time.time() // 0.2)


class Stamped(BaseModel):
    """With a moment of its own, and one that is still to come."""

    at: str = Field(default_factory=moment)
    due: FutureDatetime | None = None


@pytest.fixture(autouse=True)
def _stamped(monkeypatch: pytest.MonkeyPatch) -> None:
    def stamped(params: Stamped) -> None: ...

    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    kind("stamped")(stamped)


async def start(server: Server, **body: Any) -> Any:
    """Start a job under the key."""
    return await server.post("/api/jobs", json={"kind": "stamped", **body}, headers=KEY)


async def test_a_default_that_tells_the_time_makes_no_other_request(server: Server) -> None:
    first = await start(server)
    await eventually_async(lambda: moment() != first.json()["params"]["at"])

    again = await start(server)

    assert (again.status_code, again.json()) == (202, first.json())


async def test_what_was_valid_when_it_was_sent_first_is_answered_when_it_no_longer_is(
    server: Server,
) -> None:
    due = time.time() + 0.5
    params = {"due": as_time(due)}
    first = await start(server, params=params)
    await eventually_async(lambda: time.time() > due)

    again = await start(server, params=params)
    anew = await server.post("/api/jobs", json={"kind": "stamped", "params": params})

    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert anew.status_code == 422


async def test_anything_else_that_is_asked_for_is_another_request(server: Server) -> None:
    first = await start(server, params={"at": "noon"}, delay_seconds=60)

    for body in (
        {"params": {"at": "night"}, "delay_seconds": 60},
        {"params": {"at": "noon"}, "delay_seconds": 61},
        {"params": {"at": "noon"}, "run_at": "2026-01-31T12:00:00Z"},
        {"params": {"at": "noon"}, "delay_seconds": 60, "owner": "ada"},
        {"params": {}, "delay_seconds": 60},
        {"kind": "toy.count", "params": {}, "delay_seconds": 60},
    ):
        assert (body, (await start(server, **body)).status_code) == (body, 409)
    same = {"delay_seconds": 60, "params": {"at": "noon"}, "run_at": None, "owner": None}
    assert (await start(server, **same)).json()["id"] == first.json()["id"]


async def test_a_job_of_an_earlier_headway_answers_its_kind_and_owner(server: Server) -> None:
    first = await start(server, params={"at": "noon"}, owner="ada")
    behind.run(server.settings, "UPDATE jobs SET fingerprint = NULL")

    again = await start(server, params={"at": "night"}, owner="ada")
    other = await start(server, params={"at": "noon"}, owner="bob")
    another = await start(server, kind="toy.count", owner="ada")

    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert (other.status_code, another.status_code) == (409, 409)


def _of_ada(**form: str) -> Callable[[bytes | None], dict[str, Any]]:
    def sent(photo: bytes | None) -> dict[str, Any]:
        fields = {"name": "Ada", "age": "34"} | form
        if photo is None:
            return {"json": fields, "headers": KEY}
        files = {"reference_photo": ("a.png", photo)}
        return {"data": fields, "files": files, "headers": KEY}

    return sent


async def test_a_character_is_told_from_another_by_its_fields_and_its_photo(
    server: Server,
) -> None:
    ada = _of_ada()
    first = await server.post("/api/characters", **ada(PHOTO))

    same = await server.post("/api/characters", **ada(PHOTO))
    others = [
        await server.post("/api/characters", **sent)
        for sent in (ada(PHOTO + b"1"), ada(None), _of_ada(age="35")(PHOTO))
    ]

    assert (same.status_code, same.json()) == (202, first.json())
    assert [other.status_code for other in others] == [409, 409, 409]
    assert len(list(server.settings.data_dir.glob("uploads/*"))) == 1


async def test_a_story_is_told_from_another_by_its_fields(server: Server) -> None:
    made = await server.post("/api/characters", json={"name": "Ada", "age": 34})
    story = {"character_id": made.json()["character"]["id"], "theme": "hope"}

    first = await server.post("/api/stories", json=story, headers=KEY)
    same = await server.post("/api/stories", json=story, headers=KEY)
    other = await server.post("/api/stories", json=story | {"theme": "loss"}, headers=KEY)

    assert same.json() == first.json()
    assert other.status_code == 409
