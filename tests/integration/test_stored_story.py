"""A story in the store: its text grows chapter by chapter, and starts over with a new attempt."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from headway.settings import Settings
from jobs.story.table import STORIES, TABLE, StoredStory, StoryRow
from tests.support import behind
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_BOTH

pytestmark = ON_BOTH


@pytest.fixture
def story(hand: Hand) -> StoredStory:
    """A story of which nothing is written."""
    hand.store.define(TABLE)
    record = a_record()
    row = StoryRow("tale", record.id, "ada", "Ada", "hope", "short", record.created_at)
    hand.store.create(record, also=lambda store: STORIES.add(store, asdict(row)))
    return StoredStory(hand.store, "tale")


def chapters(store: Settings) -> list[tuple[int, str, str]]:
    """What is stored of each chapter."""
    rows = behind.run(store, "SELECT chapters FROM stories")
    return [tuple(chapter.values()) for chapter in json.loads(rows[0][0])]


def test_each_piece_is_added_to_its_chapter(store: Settings, story: StoredStory) -> None:
    story.name("The Sea")
    story.append(1, "Harbour", "One.")
    story.append(1, "Harbour", " Two.")
    story.append(2, "Storm", "Three.")

    assert chapters(store) == [(1, "Harbour", "One. Two."), (2, "Storm", "Three.")]
    assert behind.run(store, "SELECT title FROM stories") == [("The Sea",)]


def test_a_new_attempt_starts_over(store: Settings, story: StoredStory) -> None:
    story.append(1, "Harbour", "One.")

    story.clear()
    story.append(1, "Pier", "Again.")

    assert chapters(store) == [(1, "Pier", "Again.")]


def test_a_piece_of_a_story_that_is_gone_is_dropped(store: Settings, story: StoredStory) -> None:
    behind.run(store, "DELETE FROM stories")

    story.append(1, "Harbour", "One.")

    assert behind.run(store, "SELECT count(*) FROM stories") == [(0,)]
