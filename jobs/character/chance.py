"""Chance that is none: choices that follow from a text, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")

# Bytes of a digest that make a number: enough for any seed.
_BYTES = 6


class Chance:
    """Choices that follow from a text; each question has its own answer, whatever else is asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    def whole(self, question: str) -> int:
        """A whole number of 48 bits."""
        digest = hashlib.sha256(f"{question}\0{self._text}".encode()).digest()
        return int.from_bytes(digest[:_BYTES], "big")

    def number(self, question: str) -> float:
        """A number from 0 to just under 1."""
        return self.whole(question) / 256.0**_BYTES

    def pick(self, question: str, options: Sequence[Option]) -> Option:
        """One of the options."""
        return options[self.whole(question) % len(options)]

    def order(self, question: str, options: Sequence[Option]) -> list[Option]:
        """All the options, shuffled."""
        numbered = sorted(range(len(options)), key=lambda n: self.whole(f"{question} {n}"))
        return [options[n] for n in numbered]
