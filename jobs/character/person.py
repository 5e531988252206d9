"""The person: who is to be portrayed, and what their description says, read but not yet drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from jobs.character.catalogue.traits import TRAITS, Trait
from jobs.character.catalogue.vocabulary import FEMININE, MASCULINE, WORDS
from jobs.character.words import first_match, words_of

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be portrayed, in their own words; age in years."""

    name: str
    age: int
    gender: str = ""
    personality: str = ""

    @property
    def identity(self) -> str:
        """What stays the same through life and moods."""
        return unicodedata.normalize("NFKC", f"{self.name}\0{self.gender}").casefold()

    @property
    def sex(self) -> str:
        """How to dress and comb: "f", "m" or "n" (neither, or untold)."""
        told = words_of(self.gender)
        feminine = first_match(told, FEMININE) is not None
        masculine = first_match(told, MASCULINE) is not None
        if feminine == masculine:
            return "n"
        return "f" if feminine else "m"


@dataclass(frozen=True, slots=True)
class Reading:
    """A description as read: its words, and the traits they name in the order they are named."""

    words: tuple[str, ...]
    traits: tuple[Trait, ...]

    def said(self, meanings: Mapping[str, Meaning]) -> Meaning | None:
        """What the first word means that is in this vocabulary, if any."""
        found = [
            (place, meaning)
            for patterns, meaning in meanings.items()
            if (place := first_match(self.words, patterns)) is not None
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def colour_of(self, things: str, colours: Mapping[str, Meaning]) -> Meaning | None:
        """The colour named before one of these things: "green" in "green eyes", if any."""
        parts = [part for word in self.words for part in word.split("-")]
        for colour, thing in pairwise(parts):
            if colour in colours and first_match([thing], things) is not None:
                return colours[colour]
        return None


def read(person: Person) -> Reading:
    """What the description of a person says."""
    words = tuple(words_of(person.personality))
    named = [
        (place, name)
        for name, patterns in WORDS.items()
        if (place := first_match(words, patterns)) is not None
    ]
    return Reading(words, tuple(TRAITS[name] for _, name in sorted(named)))
