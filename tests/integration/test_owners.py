"""Whose a job is: said at the start, shown with it, and a list can be narrowed to it."""

from __future__ import annotations

import json

import pytest

from tests.support.app_server import Server

ADA, HALF = "Ada & Söhne", "half \ud800"


async def _submitted(server: Server, owner: str | None, **headers: str) -> dict[str, str]:
    # Half a surrogate pair travels as its escape only.
    body = json.dumps({"kind": "toy.count", "owner": owner})
    headers |= {"Content-Type": "application/json"}
    answer = await server.post("/api/jobs", content=body, headers=headers)
    record: dict[str, str] = answer.json()
    return record


async def test_a_list_and_its_page_are_narrowed_to_an_owner(server: Server) -> None:
    mine, other = await _submitted(server, ADA), await _submitted(server, "bob")

    listed = (await server.get("/api/jobs", params={"owner": ADA})).json()["jobs"]
    page = (await server.get("/", params={"owner": ADA})).text
    of_job = (await server.get(f"/jobs/{mine['id']}")).text

    assert [(job["id"], job["owner"]) for job in listed] == [(mine["id"], ADA)]
    assert mine["id"] in page
    assert other["id"] not in page
    assert "owner <b>Ada &amp; Söhne</b>" in page
    assert 'href="/?owner=Ada%20%26%20S%C3%B6hne"' in of_job


@pytest.mark.parametrize("owner", [HALF, "a\0b", "<b>"])
async def test_any_name_is_kept_as_text(server: Server, owner: str) -> None:
    record = await _submitted(server, owner)

    listed = (await server.get("/api/jobs", params={"owner": record["owner"]})).json()["jobs"]

    assert [job["id"] for job in listed] == [record["id"]]


async def test_a_character_and_its_story_belong_to_the_character_s_user(server: Server) -> None:
    wanted = {"name": "Ada", "age": 36, "user_id": "user-7"}
    character = (await server.post("/api/characters", json=wanted)).json()
    story = {"character_id": character["character"]["id"], "theme": "hope", "length": "short"}

    told = (await server.post("/api/stories", json=story)).json()

    assert character["job"]["owner"] == told["job"]["owner"] == "user-7"


async def test_a_key_of_another_owner_starts_nothing_and_shows_nothing(server: Server) -> None:
    headers = {"Idempotency-Key": "the-same"}
    await _submitted(server, "ada", **headers)

    body = {"kind": "toy.count", "owner": "bob"}
    refused = await server.post("/api/jobs", json=body, headers=headers)

    assert refused.status_code == 409
    assert "ada" not in refused.text
