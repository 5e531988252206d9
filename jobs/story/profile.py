"""Reads a personality: which gift, flaw and love of the library it speaks of.

Keeps none of its text.
"""

from dataclasses import dataclass
from random import Random

from jobs.story.shelf import Record, records
from jobs.story.theme import words_of


@dataclass(frozen=True)
class Profile:
    """What the hero is good at, what gets in the way, and what they love doing."""

    gift: Record
    flaw: Record
    interest: Record
    words: tuple[str, ...]


def profile_of(personality: str | None, chance: Random) -> Profile:
    """Find the traits a text names; where it names several, or none, chance decides."""
    words = words_of(personality or "")
    gift = _choose("gifts", words, chance, beside="")
    return Profile(
        gift=records("people/gifts")[gift],
        flaw=records("people/flaws")[_choose("flaws", words, chance, beside=gift)],
        interest=records("people/interests")[_choose("interests", words, chance, beside="")],
        words=words,
    )


def _choose(shelf: str, words: tuple[str, ...], chance: Random, beside: str) -> str:
    """Choose a record by name; one that would contradict the gift is not in question."""
    known = {
        name: row
        for name, row in records(f"people/{shelf}").items()
        if name != beside and beside not in " ".join(row.get("not", ())).split()
    }
    named = [name for name, row in known.items() if _speaks_of(words, row)]
    return chance.choice(named or list(known))


def _speaks_of(words: tuple[str, ...], row: Record) -> bool:
    stems = tuple(row["words"][0].split())
    return any(word.startswith(stem) for word in words for stem in stems)
