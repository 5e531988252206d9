"""Finishes a sentence: articles, capitals of a title, and last of all a stranger's own words.

Whatever was put in for a mark is never looked at again.
"""

import re

from jobs.story.hero import FULL, NAME, OWNER, Hero, isolated, possessive
from jobs.story.theme import WORDS

ARTICLE = re.compile(r"\b([Aa])n?( [“‘]?)(?=([^\W\d_][\w-]*))")
# Written with a vowel but spoken with a consonant, and the other way round.
SPOKEN_AS_CONSONANT = re.compile(r"(?:uni(?!n|m)|use|usu|uti|eu|one\b|one-|once\b|u-)", re.I)
SPOKEN_AS_VOWEL = re.compile(r"(?:hour|honest|honour|heir)", re.I)
MARK = re.compile(f"[{NAME}{OWNER}{FULL}{WORDS}]")
SMALL_IN_TITLES = frozenset("a an and as at but by for from in of on or past the to with".split())


class Prose:
    """The last hand on each sentence of one story."""

    def __init__(self, hero: Hero, theme: str) -> None:
        self._hero = hero
        self._words = " ".join(theme.split())
        self._introduced = False

    def begin_chapter(self) -> None:
        """The hero is given the full name at the first mention in each chapter."""
        self._introduced = False

    def finish(self, text: str) -> str:
        """Return the sentence as it is read."""
        return MARK.sub(self._said, articled(text))

    def title(self, text: str) -> str:
        """Return a title as it is read."""
        words = articled(text).split(" ")
        edges = (0, len(words) - 1)
        cased = [
            word if word in SMALL_IN_TITLES and place not in edges else word[:1].upper() + word[1:]
            for place, word in enumerate(words)
        ]
        self._introduced = False
        return MARK.sub(self._said, " ".join(cased))

    def _said(self, mark: re.Match[str]) -> str:
        if mark[0] == WORDS:
            return isolated(self._words)
        name = self._hero.short_name if self._introduced else self._hero.full_name
        if mark[0] == FULL:
            name = self._hero.full_name
        self._introduced = True
        return possessive(name) if mark[0] == OWNER else isolated(name)


def articled(text: str) -> str:
    """Put a or an, as the next word is spoken."""
    return ARTICLE.sub(lambda found: f"{found[1]}{'n' if _vowel(found[3]) else ''}{found[2]}", text)


def _vowel(word: str) -> bool:
    if SPOKEN_AS_CONSONANT.match(word):
        return False
    return word[0] in "aeiouAEIOU" or SPOKEN_AS_VOWEL.match(word) is not None
