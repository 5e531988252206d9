"""The text of one story as it grows: kept in the store piece by piece, and at the end as a file.

Knows neither who tells the story nor how the job reports.
"""

import re
from typing import Protocol

from jobs.story.storyteller import Passage

# Signs that Markdown or HTML would read as its own; a name may hold any of them.
MARKDOWN_SIGNS = re.compile(r"[\\`*_\[\]<>#&|~]")


class StoryStore(Protocol):
    """What a manuscript needs of the store."""

    def clear_story(self, story_id: str) -> None:
        """Forget what an earlier attempt wrote."""

    def title_story(self, story_id: str, title: str) -> None:
        """Give a story its title."""

    def append_story(self, story_id: str, number: int, title: str, text: str) -> None:
        """Add text to a chapter, which begins with its first piece."""


class Manuscript:
    """What has been told so far; without a story's id it is kept nowhere else."""

    def __init__(self, store: StoryStore, story_id: str | None) -> None:
        self._store = store
        self._story_id = story_id
        self._texts: list[str] = []
        self._headings: list[str] = []
        self.title = ""
        if story_id is not None:
            store.clear_story(story_id)

    @property
    def chapters(self) -> int:
        """How many chapters have been begun."""
        return len(self._texts)

    @property
    def words(self) -> int:
        """How many words have been told."""
        return sum(len(text.split()) for text in self._texts)

    def add(self, passage: Passage) -> None:
        """Take the next passage, and hand it on to whoever reads the story in the store."""
        if not self._texts:
            self.title = passage.title
            if self._story_id is not None:
                self._store.title_story(self._story_id, passage.title)
        if passage.chapter > len(self._texts):
            self._headings.append(passage.chapter_title)
            self._texts.append("")
        self._texts[-1] += passage.text
        if self._story_id is not None:
            self._store.append_story(
                self._story_id, passage.chapter, passage.chapter_title, passage.text
            )

    def markdown(self) -> str:
        """Return the whole story as Markdown that shows every name as it is written."""
        parts = [f"# {_escaped(self.title)}"]
        for number, (heading, text) in enumerate(zip(self._headings, self._texts, strict=True), 1):
            parts += [f"## {number}. {_escaped(heading)}", _escaped(text)]
        return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return MARKDOWN_SIGNS.sub(lambda sign: "\\" + sign[0], text)
