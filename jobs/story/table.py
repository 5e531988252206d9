"""The stories in the store: their table, and how the text of one grows."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from headway.model.record import dumps
from headway.store import Writer
from headway.store.guest_tables import Things
from headway.store.sql import Sql

TABLE = (
    """
    CREATE TABLE IF NOT EXISTS stories (
        id TEXT NOT NULL PRIMARY KEY,
        job_id TEXT NOT NULL,
        character_id TEXT NOT NULL,
        character_name TEXT NOT NULL,
        theme TEXT NOT NULL,
        length TEXT NOT NULL,
        title TEXT NOT NULL,
        chapters TEXT NOT NULL,
        created_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS stories_by_age ON stories (created_at, id)",
)


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story; `chapters` is a JSON list of {"number", "title", "text"} that grows."""

    id: str
    job_id: str
    character_id: str
    character_name: str
    theme: str
    length: str
    created_at: str
    title: str = ""
    chapters: str = "[]"


# A list leaves a story's text where it is: there are many, and each is long.
STORIES = Things("stories", [field.name for field in fields(StoryRow)], long=("chapters",))

_TITLE = Sql("UPDATE stories SET title = :title WHERE id = :id")
_CHAPTERS = Sql("UPDATE stories SET chapters = :chapters WHERE id = :id")
# An update that changes nothing locks the row until the chapters are written, on both databases.
_HELD_CHAPTERS = Sql("UPDATE stories SET title = title WHERE id = :id RETURNING chapters")


class StoredStory:
    """A story in the store as it grows. Each method is one transaction; raises StoreUnavailable."""

    def __init__(self, store: Writer, story_id: str) -> None:
        self._store = store
        self._id = story_id

    def clear(self) -> None:
        """Remove what an earlier attempt wrote."""
        with self._store.transaction():
            self._store.run(_CHAPTERS, {"id": self._id, "chapters": "[]"})

    def name(self, title: str) -> None:
        """Give the story its title."""
        with self._store.transaction():
            self._store.run(_TITLE, {"id": self._id, "title": title})

    def append(self, number: int, title: str, text: str) -> None:
        """Add text to the chapter `number`, which begins with its first piece."""
        with self._store.transaction():
            rows = self._store.run(_HELD_CHAPTERS, {"id": self._id})
            if not rows:
                return
            chapters = json.loads(rows[0][0])
            if not chapters or chapters[-1]["number"] != number:
                chapters.append({"number": number, "title": title, "text": ""})
            chapters[-1]["text"] += text
            self._store.run(_CHAPTERS, {"id": self._id, "chapters": dumps(chapters)})
