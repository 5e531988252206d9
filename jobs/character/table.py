"""The characters in the store: their table, and what is read of it and written to it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from headway.store import Writer
from headway.store.guest_tables import Things
from headway.store.sql import Sql
from jobs.character import PORTRAIT, THUMBNAIL

TABLE = (
    """
    CREATE TABLE IF NOT EXISTS characters (
        id TEXT NOT NULL PRIMARY KEY,
        job_id TEXT NOT NULL,
        name TEXT NOT NULL,
        age INTEGER NOT NULL,
        gender TEXT NOT NULL,
        personality_profile TEXT NOT NULL,
        art_style TEXT NOT NULL,
        user_id TEXT,
        created_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS characters_by_age ON characters (created_at, id)",
)


@dataclass(frozen=True, slots=True)
class CharacterRow:
    """A character as it was asked for; `job_id` is the job that makes its portrait."""

    id: str
    job_id: str
    name: str
    age: int
    gender: str
    personality_profile: str
    art_style: str
    user_id: str | None
    created_at: str


_NAMES = [field.name for field in fields(CharacterRow)]
_CHARACTER = Sql(f"SELECT {', '.join(_NAMES)} FROM characters WHERE id = :id")  # noqa: S608  # ours

CHARACTERS = Things("characters", _NAMES, files=(PORTRAIT, THUMBNAIL))


def character(store: Writer, character_id: str) -> CharacterRow | None:
    """A character, or None. Raises StoreUnavailable."""
    rows = store.run(_CHARACTER, {"id": character_id})
    return CharacterRow(*rows[0]) if rows else None
