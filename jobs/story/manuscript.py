"""The text of one story as it grows: stored piece by piece, and at the end a file."""

import re
from typing import Protocol

from jobs.story.storyteller import Passage

# Signs that Markdown or HTML would read as its own; a name may hold any of them.
MARKDOWN_SIGNS = re.compile(r"[\\`*_\[\]<>#&|~]")


class Stored(Protocol):
    """Where a story is stored as it grows."""

    def clear(self) -> None:
        """Remove what an earlier attempt wrote."""

    def name(self, title: str) -> None:
        """Give the story its title."""

    def append(self, number: int, title: str, text: str) -> None:
        """Add text to a chapter, which begins with its first piece."""


class Manuscript:
    """What has been told so far; `stored` is None for a story that is only a file."""

    def __init__(self, stored: Stored | None) -> None:
        self._stored = stored
        self._texts: list[str] = []
        self._headings: list[str] = []
        self.title = ""
        if stored is not None:
            stored.clear()

    @property
    def chapters(self) -> int:
        """How many chapters have been begun."""
        return len(self._texts)

    @property
    def words(self) -> int:
        """How many words have been told."""
        return sum(len(text.split()) for text in self._texts)

    def add(self, passage: Passage) -> None:
        """Take the next passage, and store it for those who read the story meanwhile."""
        is_first = not self._texts
        if is_first:
            self.title = passage.title
        if passage.chapter > len(self._texts):
            self._headings.append(passage.chapter_title)
            self._texts.append("")
        self._texts[-1] += passage.text
        if self._stored is not None:
            if is_first:
                self._stored.name(passage.title)
            self._stored.append(passage.chapter, passage.chapter_title, passage.text)

    def markdown(self) -> str:
        """Return the whole story as Markdown that shows every name as it is written."""
        parts = [f"# {_escaped(self.title)}"]
        for number, (heading, text) in enumerate(zip(self._headings, self._texts, strict=True), 1):
            parts += [f"## {number}. {_escaped(heading)}", _escaped(text)]
        return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return MARKDOWN_SIGNS.sub(lambda sign: "\\" + sign[0], text)
