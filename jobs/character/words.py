"""Words: a person's description as words, and which of them are meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from jobs.character.catalogue.vocabulary import NEGATIONS

# Letters of any script, joined by apostrophes and hyphens.
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NEGATIONS = frozenset(NEGATIONS.split())

# How many words after a negation are still denied by it: "not a happy man".
DENIED = 2


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; those that the text denies are left out."""
    words, denied = [], 0
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if word.replace("’", "'") in _NEGATIONS:
            denied = DENIED
        elif denied:
            denied -= 1
        else:
            words.append(word)
    return words


def first_match(words: Iterable[str], patterns: str) -> int | None:
    """Where the first word stands that one of the patterns ("happy joy*") means, if any."""
    whole, beginnings = _split(patterns)
    for place, word in enumerate(words):
        if word in whole or (beginnings and word.startswith(beginnings)):
            return place
    return None


@cache
def _split(patterns: str) -> tuple[frozenset[str], tuple[str, ...]]:
    told = patterns.split()
    whole = frozenset(pattern for pattern in told if not pattern.endswith("*"))
    return whole, tuple(pattern[:-1] for pattern in told if pattern.endswith("*"))


def with_article(words: str) -> str:
    """The words with "an" for "a" before a vowel: "an auburn bob"."""
    return re.sub(r"\ba (?=[aeiou])", "an ", words)
