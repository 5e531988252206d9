"""A store that a Headway filled which still kept characters and stories among its own tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.maintenance.reconciler import TOMBSTONE_SECONDS, Reconciler
from headway.model.record import as_time, now, seconds_of
from headway.settings import Settings
from headway.store import ensure_schema
from tests.support import behind
from tests.support.app_server import Server, serving

RECORDED = Path(__file__).parents[1] / "support" / "stores" / "0004.sql"
LONG_AGO = as_time(seconds_of(now()) - 2 * TOMBSTONE_SECONDS)


@pytest.fixture
def store(settings: Settings) -> Settings:
    """That store, brought up to date."""
    connection = behind.connect(settings)
    connection.executescript(RECORDED.read_text("utf-8"))
    connection.close()
    ensure_schema(settings)
    return settings


async def test_its_characters_and_stories_are_shown_as_they_were(server: Server) -> None:
    listed = (await server.get("/api/characters")).json()["characters"]
    story = (await server.get("/api/stories/tale")).json()
    stories = (await server.get("/api/stories")).json()["stories"]
    pages = [await server.get(path) for path in ("/characters", "/characters/ada", "/stories/tale")]

    assert [(each["id"], each["generation_status"]) for each in listed] == [
        ("cy", "pending"),
        ("bo", "completed"),
        ("ada", "completed"),
    ]
    assert listed[2]["description"] == "Red hair, a smile."
    portrait = "/api/jobs/01970000-0000-7000-8000-000000000001/artifacts/portrait.png"
    assert (listed[2]["portrait"], listed[1]["portrait"]) == (portrait, None)
    assert (story["title"], story["generation_status"]) == ("Ada and the Sea", "completed")
    assert [chapter["text"] for chapter in story["chapters"]] == ["Once.\n\nTwice."]
    assert [each["id"] for each in stories] == ["tale"]
    assert "chapters" not in stories[0]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert portrait in pages[1].text


async def test_a_character_whose_job_was_deleted_long_ago_still_says_how_it_ended(
    store: Settings, server: Server
) -> None:
    behind.run(store, "UPDATE jobs SET updated_at = ?", LONG_AGO)

    with Reconciler(store, newest=0) as reconciler:
        reconciler.round()

    bo = (await server.get("/api/characters/bo")).json()
    assert bo["generation_status"] == "completed"


async def test_without_the_examples_its_jobs_are_shown_and_its_tables_are_left_alone(
    store: Settings,
) -> None:
    async with serving(store.model_copy(update={"examples": False})) as server:
        jobs = (await server.get("/api/jobs")).json()["jobs"]

    assert {job["kind"] for job in jobs} == {"character_generation", "story_generation"}
    assert behind.run(store, "SELECT count(*) FROM characters") == [(3,)]
    assert behind.run(store, "SELECT count(*) FROM stories") == [(1,)]
