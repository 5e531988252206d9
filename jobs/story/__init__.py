"""The kind `story_generation`: a story of a stored character, written piece by piece.

Web processes import this file for the kind's form, so what tells is imported when a job runs.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from headway.errors import JobFailed
from jobs import kind, report
from jobs.story.parameters import SEED_LIMIT, StoryParams

if TYPE_CHECKING:
    from jobs.story.storyteller import Passage

GUEST = "jobs.story.web"
STORY_FILE = "story.md"

# A long story takes seconds; a storyteller that asks a model elsewhere may take minutes.
TIMEOUT_SECONDS = 600
COMPLETE = 100  # percent


@kind(
    "story_generation",
    queue="story_generation",
    timeout=TIMEOUT_SECONDS,
    max_attempts=2,
    title=lambda params: f"A {params.length} story of {params.theme}",
    preload=("jobs.story.grammar",),
)
def write_story(params: StoryParams) -> dict[str, Any]:
    """Tell a story of a stored character, in chapters; the text can be read as it grows."""
    from headway.store import open_writer  # noqa: PLC0415 - see the top of the file
    from jobs.character.table import character  # noqa: PLC0415 - as above
    from jobs.story.grammar import GrammarStoryteller  # noqa: PLC0415 - as above
    from jobs.story.manuscript import Manuscript  # noqa: PLC0415 - as above
    from jobs.story.storyteller import Character  # noqa: PLC0415 - as above
    from jobs.story.table import StoredStory  # noqa: PLC0415 - as above

    seed = seed_of(params)
    with open_writer() as store:
        row = character(store, params.character_id)
        if row is None:
            raise JobFailed("The character of this story is not there any more.")
        hero = Character(row.name, row.age, row.gender, row.personality_profile)
        stored = StoredStory(store, params.story_id) if params.story_id else None
        manuscript = Manuscript(stored)
        for passage in GrammarStoryteller().tell(hero, params.theme, params.length, seed):
            begins = passage.chapter > manuscript.chapters
            manuscript.add(passage)
            _report(passage, begins, manuscript.words)
    report.attach(STORY_FILE, manuscript.markdown().encode(errors="replace"))
    report(COMPLETE, f"{manuscript.title}: {manuscript.words} words")
    words, chapters = manuscript.words, manuscript.chapters
    return {"title": manuscript.title, "chapters": chapters, "words": words, "seed": seed}


def seed_of(params: StoryParams) -> int:
    """Return the seed that was asked for, else one that a retry of the same story finds again."""
    if params.seed is not None:
        return params.seed
    if params.story_id is not None:
        return int.from_bytes(sha256(params.story_id.encode()).digest()) % (SEED_LIMIT + 1)
    return secrets.randbelow(SEED_LIMIT + 1)


def _report(passage: Passage, begins: bool, words: int) -> None:
    number, of = passage.chapter, passage.chapters
    if begins:
        report.step(f"Chapter: {passage.chapter_title}", number, of=of)
    # Chapters differ in length; a step counts as begun even when the text is a little behind.
    percent = COMPLETE * max(passage.done, (number - 1) / of)
    report(percent, f"Chapter {number} of {of}: {passage.chapter_title} ({words} words)")
