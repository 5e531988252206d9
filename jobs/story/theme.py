"""What a theme means to the grammar: which vocabularies it calls up, and whether it is ours.

A theme that is not in the library is not refused: its words are written on the object that the
story turns on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from jobs.story.shelf import Record, names, script

WORDS = "\ue003"  # stands for the theme's own words until a sentence is finished
FILLERS = frozenset("a an and the of or in on to with about for story tale my her his".split())
PLAIN = re.compile(r"[^\W\d_]+(?:[\s,.!&’'-]+[^\W\d_]+)*[.!]?")  # words and nothing odd
SHORTEST_STEM = 4  # letters two words must share at the start to be taken for one word


@dataclass(frozen=True)
class Theme:
    """The vocabularies of a story; `inscribed` when the words themselves must appear."""

    records: tuple[Record, ...]
    inscribed: bool
    words: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of any text, in small letters, without the little ones."""
    found = re.findall(r"[^\W\d_]+", text.casefold())
    return tuple(word for word in found if word not in FILLERS)


def akin(word: str, others: Iterable[str]) -> bool:
    """Say whether the word begins, or begins with, one of the others."""
    return any(
        word == other
        or (len(other) >= SHORTEST_STEM and word.startswith(other))
        or (len(word) >= SHORTEST_STEM and other.startswith(word))
        for other in others
    )


def theme_of(text: str, chance: Random) -> Theme:
    """Find the vocabularies for any theme: those it names, else one by chance."""
    words = words_of(text)
    known = {name: tuple(script(f"themes/{name}").record["words"][0].split()) for name in _all()}
    named = [name for name in known if any(akin(word, known[name]) for word in words)]
    exact = [name for name in named if any(akin(word, (name,)) for word in words)]
    chosen = exact or named or [chance.choice(_all())]
    vocabulary = [word for name in named for word in known[name]]
    ours = bool(words) and all(akin(word, vocabulary) for word in words)
    records = tuple(script(f"themes/{name}").record for name in chosen)
    return Theme(records, inscribed=not (ours and PLAIN.fullmatch(text)), words=words)


def _all() -> tuple[str, ...]:
    return names("themes")
