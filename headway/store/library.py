"""Writing and wording characters and stories. It knows nothing of jobs' records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ScalarSelect, Select, Table, func, insert, select, tuple_, update

from headway.model.record import JsonDict, dumps
from headway.store.session import Session
from headway.store.sql import Sql, constant, named
from headway.store.tables import artifacts, characters, jobs, stories


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


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story; `chapters` is a list of {"number", "title", "text"} that grows as it is written."""

    id: str
    job_id: str
    character_id: str
    character_name: str
    theme: str
    length: str
    created_at: str
    title: str = ""
    chapters: list[JsonDict] = field(default_factory=list)


# What is shown of the job behind a character or a story.
OF_JOB = ("status", "progress", "message", "started_at", "result")
# The pictures that a character's job leaves, by their names.
PORTRAIT, THUMBNAIL = "portrait.png", "thumbnail.png"
PICTURES = (PORTRAIT, THUMBNAIL)


def _insert(table: Table) -> Sql:
    return Sql(insert(table).values({column.name: named(column.name) for column in table.c}))


def _set_story(column: str) -> Sql:
    return Sql(
        update(stories).where(stories.c.id == named("story_id")).values({column: named("value")})
    )


def _with_job(table: Table, names: Sequence[str]) -> Select[Any]:
    """These columns of a table, with what is shown of each row's job."""
    of_job = (jobs.c[name].label(f"job_{name}") for name in OF_JOB)
    pictures = (_left(table, name).label(name) for name in PICTURES)
    rows = select(*(table.c[name] for name in names), *of_job, *pictures)
    return rows.select_from(table.outerjoin(jobs, jobs.c.id == table.c.job_id))


def _left(table: Table, name: str) -> ScalarSelect[Any]:
    """1 where the job left a file of this name, else 0."""
    of_job = artifacts.c.job_id == table.c.job_id
    found = select(func.count()).select_from(artifacts)
    return found.where(of_job, artifacts.c.name == constant(name)).scalar_subquery()


def _page(table: Table, *, paged: bool) -> Sql:
    rows = _with_job(table, LISTED[table.name])
    if paged:
        age = select(table.c.created_at, table.c.id).where(table.c.id == named("before"))
        rows = rows.where(tuple_(table.c.created_at, table.c.id) < age.scalar_subquery())
    rows = rows.order_by(table.c.created_at.desc(), table.c.id.desc())
    return Sql(rows.limit(named("most")).offset(constant(0)))


INSERT_CHARACTER = _insert(characters)
INSERT_STORY = _insert(stories)
SET_TITLE = _set_story("title")
SET_CHAPTERS = _set_story("chapters")
CHARACTER = Sql(select(characters).where(characters.c.id == named("id")))
# Held until they are written; SQLite's one lock does that by itself.
CHAPTERS = Sql(select(stories.c.chapters).where(stories.c.id == named("id")).with_for_update())
WHOLE = {table.name: [column.name for column in table.columns] for table in (characters, stories)}
# A list leaves a story's text where it is: there are many, and each is long.
LISTED = {table: [name for name in names if name != "chapters"] for table, names in WHOLE.items()}
PAGES = {
    (table.name, paged): _page(table, paged=paged)
    for table in (characters, stories)
    for paged in (False, True)
}
SINGLES = {
    table.name: Sql(_with_job(table, WHOLE[table.name]).where(table.c.id == named("id")))
    for table in (characters, stories)
}
_BESIDES = (*(f"job_{name}" for name in OF_JOB), *PICTURES)


def library_item(names: Sequence[str], row: Any) -> JsonDict:
    """A row of a character or a story, whose columns are `names`, with what is shown of its job.

    By name; JSON columns decoded.
    """
    item: JsonDict = dict(zip((*names, *_BESIDES), row, strict=True))
    item["pictures"] = frozenset(name for name in PICTURES if item.pop(name))
    item["job_result"] = json.loads(item["job_result"] or "null")
    if "chapters" in item:
        item["chapters"] = json.loads(item["chapters"])
    return item


class LibraryWriter(Session):
    """The part of the writer that keeps characters and stories."""

    def add(self, item: CharacterRow | StoryRow) -> None:
        """Keep a character, or a story that is yet to be written, within a transaction."""
        if isinstance(item, CharacterRow):
            self._run(INSERT_CHARACTER, asdict(item))
        else:
            values = asdict(item) | {"chapters": dumps(item.chapters)}
            self._run(INSERT_STORY, values)

    def character(self, character_id: str) -> CharacterRow | None:
        """A character, or None."""
        rows = self._run(CHARACTER, {"id": character_id})
        return CharacterRow(*rows[0]) if rows else None

    def title_story(self, story_id: str, title: str) -> None:
        """Give a story its title."""
        self._write(SET_TITLE, {"story_id": story_id, "value": title})

    def clear_story(self, story_id: str) -> None:
        """Forget what an earlier attempt wrote."""
        self._write(SET_CHAPTERS, {"story_id": story_id, "value": "[]"})

    def append_story(self, story_id: str, number: int, title: str, text: str) -> None:
        """Add text to a story's chapter `number`, which begins with its first piece."""
        with self._transaction():
            rows = self._run(CHAPTERS, {"id": story_id})
            if not rows:
                return
            chapters = json.loads(rows[0][0])
            if not chapters or chapters[-1]["number"] != number:
                chapters.append({"number": number, "title": title, "text": ""})
            chapters[-1]["text"] += text
            self._run(SET_CHAPTERS, {"story_id": story_id, "value": dumps(chapters)})

    def _write(self, statement: Sql, values: dict[str, Any]) -> None:
        with self._transaction():
            self._run(statement, values)
