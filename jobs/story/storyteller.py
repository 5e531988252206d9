"""The seam between a story job and what tells the story: a grammar today, a model tomorrow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from jobs.story.parameters import Length


@dataclass(frozen=True)
class Character:
    """Whom the story is about; every text is a stranger's and is only ever copied."""

    name: str
    age: int | None = None
    gender: str | None = None
    personality_profile: str | None = None


@dataclass(frozen=True)
class Passage:
    """A sentence or two of a story.

    The texts of one chapter, joined with nothing between them, are the chapter: a passage
    brings its own leading space or paragraph break. `done` is the share of the story told
    once this passage is, above 0 and up to 1.
    """

    title: str
    chapter: int
    chapters: int
    chapter_title: str
    text: str
    done: float


class Storyteller(Protocol):
    """Tells a story piece by piece."""

    def tell(
        self, character: Character, theme: str, length: Length, seed: int
    ) -> Iterator[Passage]:
        """Yield the passages in reading order; the same arguments tell the same story."""
        ...
