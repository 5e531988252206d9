"""The files that jobs leave, as the API gives them out; and text that must stay text."""

from __future__ import annotations

import re

import pytest

from headway.model.record import Artifact, Record
from tests.support.app_server import Server
from tests.support.by_hand import Hand, keep_artifact

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def left(server: Server, hand: Hand) -> Record:
    """A finished job that left some files."""
    record = hand.start(hand.create())
    files = {"note.txt": b"kept", "portrait.png": b"\x89PNG", "page.html": b"<script>",
             "drawing.svg": b"<svg/>", "odd.bin": b"\0",
             "note.txt.gz": b"\x1f\x8b"}  # fmt: skip
    kept = tuple(keep_artifact(server.settings, record.id, *file) for file in files.items())
    return hand.finish(hand.attach(record, *kept))


async def test_files_are_linked_from_the_record(server: Server, left: Record) -> None:
    record = (await server.get(f"/api/jobs/{left.id}")).json()

    links = {link["name"]: link for link in record["links"]["artifacts"]}
    assert links["note.txt"] == {
        "name": "note.txt",
        "type": "text/plain",
        "bytes": 4,
        "href": f"/api/jobs/{left.id}/artifacts/note.txt",
    }
    assert (await server.get(links["note.txt"]["href"])).content == b"kept"


async def test_only_harmless_types_are_shown_and_the_rest_is_a_download(
    server: Server, left: Record
) -> None:
    for name, media_type, download in (
        ("portrait.png", "image/png", False),
        ("note.txt", "text/plain", False),
        ("page.html", "application/octet-stream", True),
        ("drawing.svg", "application/octet-stream", True),
        ("odd.bin", "application/octet-stream", True),
        ("note.txt.gz", "application/octet-stream", True),
    ):
        reply = await server.get(f"/api/jobs/{left.id}/artifacts/{name}")
        assert reply.headers["content-type"].partition(";")[0] == media_type
        disposition = reply.headers.get("content-disposition", "")
        assert (name, disposition.startswith("attachment")) == (name, download)


async def test_no_name_leads_out_of_a_jobs_folder(server: Server, left: Record) -> None:
    (server.settings.data_dir / "secret.txt").write_text("hidden words")
    other = server.settings.data_dir / "artifacts" / "other"
    other.mkdir(parents=True)
    (other / "note.txt").write_text("hidden words")

    for name in (
        "..%2f..%2fsecret.txt",
        "../../secret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "..%5c..%5csecret.txt",
        "%2fetc%2fpasswd",
        "..%2fother%2fnote.txt",
        "note.txt%00.png",
        "%2e%2e",
        "unknown.txt",
    ):
        reply = await server.get(f"/api/jobs/{left.id}/artifacts/{name}")
        assert (name, reply.status_code) == (name, 404)
        assert b"hidden words" not in reply.content


async def test_a_file_that_was_removed_is_not_found(server: Server, hand: Hand) -> None:
    gone = Artifact("gone.txt", "text/plain", 1)
    record = hand.attach(hand.start(hand.create()), gone)

    reply = await server.get(f"/api/jobs/{record.id}/artifacts/gone.txt")

    assert reply.status_code == 404


async def test_an_unchanged_file_is_not_sent_twice(server: Server, left: Record) -> None:
    path = f"/api/jobs/{left.id}/artifacts/note.txt"
    first = await server.get(path)

    again = await server.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


# The file is b"kept".
RANGES = {
    "bytes=1-2": (206, b"ep", "bytes 1-2/4"),
    "bytes=2-": (206, b"pt", "bytes 2-3/4"),
    "bytes=-2": (206, b"pt", "bytes 2-3/4"),
    "bytes=-99": (206, b"kept", "bytes 0-3/4"),
    "bytes=2-99": (206, b"pt", "bytes 2-3/4"),
    "bytes=4-": (416, None, "bytes */4"),
    "bytes=abc": (200, b"kept", None),
    "bytes=3-1": (200, b"kept", None),
    "lines=1-2": (200, b"kept", None),
    "bytes=0-0,2-3": (200, b"kept", None),
}


async def test_a_part_of_a_file_is_sent_where_one_was_asked_for(
    server: Server, left: Record
) -> None:
    for wanted, expected in RANGES.items():
        path = f"/api/jobs/{left.id}/artifacts/note.txt"
        reply = await server.get(path, headers={"Range": wanted})

        content = None if reply.is_error else reply.content
        told = (reply.status_code, content, reply.headers.get("content-range"))
        assert (wanted, told) == (wanted, expected)


async def test_a_file_of_a_job_is_kept_by_no_proxy(server: Server, left: Record) -> None:
    reply = await server.get(f"/api/jobs/{left.id}/artifacts/note.txt")

    kept = reply.headers["cache-control"]
    assert "private" in kept
    assert "public" not in kept


async def test_what_people_and_jobs_write_stays_text_in_every_page(
    server: Server, hand: Hand
) -> None:
    record = hand.create(title=EVIL, kind=EVIL, queue=EVIL, message=EVIL, params={EVIL: EVIL})
    record = hand.say(hand.start(record, worker=EVIL), EVIL)
    record = hand.fail(hand.change(record, step_name=EVIL, step=1, steps=2), EVIL)
    reply = await server.post(
        "/api/characters",
        json={"name": EVIL, "age": 1, "gender": EVIL[:50], "personality_profile": EVIL},
    )
    assert reply.status_code == 202
    character = reply.json()["character"]["id"]

    for path in (
        "/",
        f"/?q={EVIL}&kind={EVIL}&queue={EVIL}",
        f"/jobs/{record.id}",
        f"/jobs/new?kind={EVIL}",
        "/characters",
        f"/characters/{character}",
        f"/characters/generating?character_id={character}",
        f"/characters/{EVIL}",
        f"/{EVIL}",
    ):
        page = await server.get(path, headers={"Accept": "text/html"})
        assert (path, page.headers["content-type"]) == (path, "text/html; charset=utf-8")
        assert not re.search(r"<script>alert|<img src=x", page.text), path
        assert not re.search(r"\son\w+=", _tags(page.text)), path


def _tags(page: str) -> str:
    """The page without its text and its attributes' values."""
    return re.sub(r'"[^"]*"', '""', "".join(re.findall(r"<[^>]*>", page)))
