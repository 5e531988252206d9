"""Uploads: what is taken for a photo, how large it may be, and how a refusal is heard."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from pydantic import BaseModel

from headway.kinds import registry
from headway.settings import Settings
from jobs import kind
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.waiting import eventually_async

MEGABYTE = 1024 * 1024


async def test_an_upload_far_too_large_is_refused_so_that_curl_sees_it(
    server: Server, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(40 * MEGABYTE)

    for more in ([], ["-H", "Expect:"]):
        process = await asyncio.create_subprocess_exec(
            "curl", "-sS", "--noproxy", "*", "--max-time", "20", "-w", "\n%{http_code}", *more,
            "-F", "name=Ada", "-F", "age=34", "-F", f"reference_photo=@{large}",
            f"{server.url}/api/characters", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        said, trouble = await process.communicate()
        assert (process.returncode, trouble) == (0, b"")
        assert said.rpartition(b"\n")[2] == b"413"


async def test_a_client_that_sends_all_before_it_reads_hears_the_refusal(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.settings.port)
    head = (
        f"POST /api/characters HTTP/1.1\r\nHost: 127.0.0.1:{server.settings.port}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {40 * MEGABYTE}\r\n\r\n"
    )
    writer.write(head.encode())
    for _ in range(40):
        writer.write(bytes(MEGABYTE))
        await writer.drain()

    answer = await asyncio.wait_for(reader.readline(), 20)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 413 ")


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


ADA = {"name": "Ada", "age": "34"}


PHOTOS = [
    ("photo.png", b"<html><script>alert(1)</script></html>", 415),
    ("photo.png", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", 415),
    ("photo.png", b"GIF89a" + b"\0" * 50, 415),
    ("photo.webp", b"RIFF\0\0\0\0WAVE" + b"\0" * 50, 415),
    ("photo.png", PNG + b"\0" * (10 * MEGABYTE), 413),
    ("photo.html", PNG, 202),
]


async def test_a_photo_is_what_its_first_bytes_say(server: Server) -> None:
    for name, content, status in PHOTOS:
        reply = await server.post(
            "/api/characters",
            data=ADA,
            files={"reference_photo": (name, content, "image/png")},
        )
        assert (name, content[:20], reply.status_code) == (name, content[:20], status)
        if status != 202:
            assert reply.json()["errors"][0]["field"] == "reference_photo"

    assert len(list((server.settings.data_dir / "uploads").iterdir())) == 1
    assert len((await server.get("/api/characters")).json()["characters"]) == 1


def uploads(settings: Settings) -> list[str]:
    """The photos that lie with the jobs."""
    return [path.name for path in settings.data_dir.glob("uploads/*")]


async def test_a_client_that_leaves_while_its_job_is_written_takes_no_photo_along(
    store: Settings, server: Server
) -> None:
    photo = {"reference_photo": ("ada.png", PNG, "image/png")}
    with behind.locked(store):
        asked = asyncio.create_task(server.post("/api/characters", data=ADA, files=photo))
        await eventually_async(lambda: uploads(store))
        asked.cancel()
        await asyncio.wait([asked])

    async def accepted() -> bool:
        return bool((await server.get("/api/jobs")).json()["jobs"])

    await eventually_async(accepted)
    job = (await server.get("/api/jobs")).json()["jobs"][0]["id"]
    params = (await server.get(f"/api/jobs/{job}")).json()["params"]
    assert uploads(store) == [params["reference_photo"]]


async def test_a_character_that_cannot_be_kept_leaves_no_photo_behind(
    store: Settings, server: Server
) -> None:
    server.parts.writing.longest_busy_milliseconds = 50
    photo = {"reference_photo": ("a.png", PNG, "image/png")}
    with behind.locked(store):
        reply = await server.post("/api/characters", data=ADA, files=photo)

    assert reply.status_code == 503
    assert uploads(store) == []


async def test_the_same_character_twice_keeps_one_photo(server: Server) -> None:
    for _ in range(2):
        photo = {"reference_photo": ("a.png", PNG, "image/png")}
        key = {"Idempotency-Key": "once"}
        reply = await server.post("/api/characters", data=ADA, files=photo, headers=key)
        assert reply.status_code == 202

    assert len(uploads(server.settings)) == 1


async def test_a_bad_photo_and_bad_fields_are_told_together(server: Server) -> None:
    reply = await server.post(
        "/api/characters",
        data={"name": "", "age": "34"},
        files={"reference_photo": ("a.png", b"GIF89a", "image/png")},
    )

    told = {error["field"]: error["message"] for error in reply.json()["errors"]}
    assert reply.status_code == 422
    assert told.keys() == {"name", "reference_photo"}
    assert told["reference_photo"] == "This is neither a PNG nor a JPEG nor a WebP."


async def test_a_photo_that_is_too_large_is_told_how_large_it_may_be(server: Server) -> None:
    for size in (10 * MEGABYTE, 12 * MEGABYTE):
        photo = {"reference_photo": PNG + b"\0" * size}
        reply = await server.post("/api/characters", data=ADA, files=photo)

        told = [{"field": "reference_photo", "message": "This is larger than 10 MB."}]
        assert (size, reply.status_code, reply.json()["errors"]) == (size, 413, told)


async def test_a_body_that_is_too_large_is_told_how_large_it_may_be(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    reply = await server.post("/api/jobs", content=b"x" * 600_000, headers=headers)

    told = (reply.status_code, reply.json()["detail"])
    assert told == (413, "The body is larger than 0.5 MB.")


async def test_a_field_of_a_form_that_is_too_long_is_not_taken_for_the_photo(
    server: Server,
) -> None:
    photo = {"reference_photo": PNG}
    form = ADA | {"personality_profile": "x" * 600_000}
    reply = await server.post("/api/characters", data=form, files=photo)

    assert reply.status_code == 413
    assert "errors" not in reply.json()


async def test_a_photo_is_its_characters_whatever_others_call_a_parameter(
    server: Server, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stranger(BaseModel):
        reference_photo: str

    def stranger(params: Stranger) -> None: ...

    stranger.__annotations__["params"] = Stranger  # a local name cannot be looked up
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    kind("stranger")(stranger)
    owner = await server.post(
        "/api/characters", data=ADA, files={"reference_photo": ("a.png", PNG, "image/png")}
    )
    first = hand.store.job(owner.json()["job"]["id"])
    named = {"reference_photo": first.params["reference_photo"]}
    others = [
        await server.submit("stranger", **named),
        await server.submit("character_generation", **first.params | {"name": "Bo"}),
    ]

    for job in others:
        await server.post(f"/api/jobs/{job['id']}/stop")
        assert (await server.client.delete(f"/api/jobs/{job['id']}")).status_code == 204
    assert uploads(server.settings) == [named["reference_photo"]]

    await server.submit("stranger", **named)
    await server.post(f"/api/jobs/{first.id}/stop")
    await server.client.delete(f"/api/jobs/{first.id}")
    assert uploads(server.settings) == []


async def test_a_photo_goes_with_the_last_job_that_names_it(server: Server, hand: Hand) -> None:
    reply = await server.post(
        "/api/characters",
        data={"name": "Ada", "age": "34"},
        files={"reference_photo": ("a.png", PNG, "image/png")},
    )
    first = hand.store.job(reply.json()["job"]["id"])
    second = await server.submit("character_generation", **first.params | {"name": "Bo"})
    photo = server.settings.data_dir / "uploads" / first.params["reference_photo"]

    kept = []
    for job_id in (first.id, second["id"]):
        await server.post(f"/api/jobs/{job_id}/stop")
        assert (await server.client.delete(f"/api/jobs/{job_id}")).status_code == 204
        kept.append(photo.exists())

    assert kept == [True, False]


async def test_a_field_that_cannot_be_used_leaves_no_photo_behind(server: Server) -> None:
    reply = await server.post(
        "/api/characters",
        data={"name": "", "age": "34"},
        files={"reference_photo": ("a.png", PNG, "image/png")},
    )

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "name"
    assert not list(server.settings.data_dir.glob("uploads/*"))
