"""The notation of a sentence: literal text, {slots} and [choices|of wording].

Parses a pattern once and expands it at random.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

TOKEN = re.compile(r"\{([^{}\[\]|]+)\}|([\[\]|])|([^{}\[\]|]+)")


@dataclass(frozen=True)
class Slot:
    """A name to be filled from the lexicon, with a capital letter if it was written with one."""

    name: str
    capital: bool


@dataclass(frozen=True)
class Choice:
    """Wordings of which one is taken."""

    options: tuple["Pattern", ...]


@dataclass(frozen=True)
class Pattern:
    """A parsed sentence."""

    parts: tuple["str | Slot | Choice", ...]


Lexicon = Mapping[str, tuple[Pattern, ...]]
Draw = Callable[[], float]  # random.Random().random


@cache  # bounded by the library, the only source of patterns
def parse(text: str) -> Pattern:
    """Parse one pattern; ValueError names the text whose brackets do not match."""
    tokens = list(TOKEN.finditer(text))
    if "".join(token[0] for token in tokens) != text or not _balanced(tokens):
        raise ValueError(f"the brackets do not match in: {text}")
    return _options(iter(tokens))[0]


def _balanced(tokens: Iterable[re.Match[str]]) -> bool:
    depths = [0, *accumulate({"[": 1, "]": -1}.get(token[0], 0) for token in tokens)]
    return min(depths) == depths[-1] == 0


def _options(tokens: Iterator[re.Match[str]]) -> tuple[Pattern, ...]:
    """Read the patterns up to the bracket that closes them, or to the end."""
    options: list[Pattern] = []
    parts: list[str | Slot | Choice] = []
    for token in tokens:
        slot, sign, words = token.groups()
        if slot:
            parts.append(Slot(slot[0].lower() + slot[1:], slot[0].isupper()))
        elif words:
            parts.append(words)
        elif sign == "[":
            parts.append(Choice(_options(tokens)))
        else:
            options.append(Pattern(tuple(parts)))
            parts = []
            if sign == "]":
                return tuple(options)
    return (*options, Pattern(tuple(parts)))


def expand(pattern: Pattern, lexicon: Lexicon, draw: Draw) -> str:
    """Write the pattern out once; KeyError when the lexicon lacks one of its slots."""
    written: list[str] = []
    _write(pattern, lexicon, draw, written)
    return "".join(written)


def _write(pattern: Pattern, lexicon: Lexicon, draw: Draw, written: list[str]) -> None:
    for part in pattern.parts:
        if isinstance(part, str):
            written.append(part)
        elif isinstance(part, Choice):
            _write(part.options[int(draw() * len(part.options))], lexicon, draw, written)
        else:
            options = lexicon[part.name]
            start = len(written)
            _write(options[int(draw() * len(options))], lexicon, draw, written)
            if part.capital:
                written[start] = written[start][:1].upper() + written[start][1:]


def slots(pattern: Pattern) -> Iterator[str]:
    """Yield the name of every slot, also of those inside choices."""
    for part in pattern.parts:
        if isinstance(part, Slot):
            yield part.name
        elif isinstance(part, Choice):
            for option in part.options:
                yield from slots(option)
