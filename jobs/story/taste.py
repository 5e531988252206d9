"""Judges a way of saying the next thing against what has been said; remembers the story so far.

It judges words and rhythm. Scores are points: higher is better, and only differences between
candidates for the same place mean anything.
"""

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from jobs.story.hero import FULL, NAME, OWNER, Pronouns

TOKEN = re.compile(r"[\ue000-\ue002]|[^\W\d_]+(?:[’-][^\W\d_]+)*")
SENTENCE = re.compile(r"[^.!?…]*[.!?…]+[”’]*")

PLAIN_LETTERS = 4  # words up to this length may come again freely
STRIKING_LETTERS = 8  # from here on a word is remembered
FORGOTTEN_AFTER = 45  # passages until a word is fresh again
ECHO_RESTS = 10  # passages before an echo of the theme pleases again
OPENINGS_KEPT = 4  # passages whose first word should not begin the next
RUN = 4  # words in a row that make a phrase
TYPICAL = 6  # longer words in a passage; one with more of them is not worse for that alone

PHRASE_AGAIN = -2.5
WORD_AGAIN = -0.5
TWICE_IN_ONE = -0.6
OPENING_AGAIN = -1.2
ECHO = 0.7
ECHO_AT_MOST = 1.8
NAME_TOO_SOON = -1.5
PRONOUN_UNCLEAR = -3.0
RHYTHM = -0.04  # for each word away from the wished length
RHYTHM_AT_MOST = 14
JINGLE = -0.5

LITTLE_WORDS = frozenset(
    "about after again against been before could does down every from have having here into "
    "just like made make more most much never nothing once only other over said same should "
    "some somebody something such than that their them then there these they thing things this "
    "those though through under until very well were what when where which while whom whose "
    "will with without would your".split()
)


@dataclass(frozen=True)
class _Reading:
    """A candidate taken apart once."""

    words: tuple[str, ...]
    content: tuple[str, ...]
    sentences: tuple[str, ...]
    named: bool
    pronoun: bool


class Taste:
    """The judgement of one story; `keep` what is chosen, so that the next is judged by it."""

    def __init__(
        self, echo: Iterable[str], familiar: Iterable[str], pronouns: Pronouns, likes: Iterable[str]
    ) -> None:
        """`familiar` words may recur; `likes` are names of others with the hero's pronouns."""
        self._echo = frozenset(word for word in echo if word not in LITTLE_WORDS)
        self._familiar = frozenset(familiar) | LITTLE_WORDS
        self._own = frozenset((pronouns.he, pronouns.him, pronouns.his))
        self._likes = frozenset(word for name in likes for word in name.casefold().split())
        self._said: set[str] = set()
        self._phrases: set[tuple[str, ...]] = set()
        self._last_seen: dict[str, int] = {}
        self._openings: list[str] = []
        self._lengths: list[int] = []
        self._last: _Reading | None = None
        self._number = 0

    def branch(self) -> "Taste":
        """Return a copy that can be told what might come next without this one knowing."""
        other = copy(self)
        other._said = self._said.copy()
        other._phrases = self._phrases.copy()
        other._last_seen = self._last_seen.copy()
        return other

    def score(self, text: str, paragraph: bool) -> float | None:
        """Rate a candidate; None when one of its sentences has been told already."""
        reading = self._read(text)
        if not self._said.isdisjoint(reading.sentences):
            return None
        return (
            self._freshness(reading)
            + self._opening(reading)
            + self._resonance(reading)
            + self._clarity(reading, paragraph)
            + self._rhythm(reading)
            + _euphony(reading)
        )

    def keep(self, text: str) -> None:
        """Remember what was told."""
        reading = self._read(text)
        self._number += 1
        self._said.update(reading.sentences)
        self._phrases.update(_runs(reading.words))
        self._last_seen.update((word, self._number) for word in reading.content)
        self._openings = [*self._openings, *reading.words[:1]][-OPENINGS_KEPT:]
        self._lengths = [*self._lengths, len(reading.words)][-OPENINGS_KEPT:]
        self._last = reading

    def _read(self, text: str) -> _Reading:
        words = tuple(TOKEN.findall(text.casefold()))
        content = tuple(
            word for word in words if len(word) > PLAIN_LETTERS and word not in self._familiar
        )
        return _Reading(
            words=words,
            content=content,
            sentences=tuple(part.strip(" ”’“") for part in SENTENCE.findall(text)),
            named=not {NAME, OWNER, FULL}.isdisjoint(words),
            pronoun=not self._own.isdisjoint(words),
        )

    def _freshness(self, reading: _Reading) -> float:
        points = PHRASE_AGAIN * sum(run in self._phrases for run in _runs(reading.words))
        for word in reading.content:
            seen = self._last_seen.get(word)
            if seen is not None:
                nearness = 1 - (self._number - seen) / FORGOTTEN_AFTER
                weight = 2 if len(word) >= STRIKING_LETTERS else 1
                points += WORD_AGAIN * weight * max(nearness, 0)
        points += TWICE_IN_ONE * (len(reading.content) - len(set(reading.content)))
        return points * TYPICAL / max(TYPICAL, len(reading.content))

    def _opening(self, reading: _Reading) -> float:
        return OPENING_AGAIN * self._openings.count(reading.words[0]) if reading.words else 0

    def _resonance(self, reading: _Reading) -> float:
        fresh = sum(
            word in self._echo
            and self._number - self._last_seen.get(word, -ECHO_RESTS) >= ECHO_RESTS
            for word in reading.words
        )
        return min(ECHO * fresh, ECHO_AT_MOST)

    def _clarity(self, reading: _Reading, paragraph: bool) -> float:
        """A name where one is needed, a pronoun where one will do."""
        before = self._last
        if reading.named:
            near = before is not None and before.named and not paragraph
            return NAME_TOO_SOON if near else 0
        if not reading.pronoun:
            return 0
        rival = before is not None and not self._likes.isdisjoint(before.words)
        lost = before is None or not (before.named or before.pronoun)
        return PRONOUN_UNCLEAR * (paragraph + rival + lost) / 2

    def _rhythm(self, reading: _Reading) -> float:
        """After long sentences a short one, after short ones a long."""
        if not self._lengths:
            return 0
        mean = sum(self._lengths) / len(self._lengths)
        wished = mean + (mean - self._lengths[-1])
        return RHYTHM * min(abs(len(reading.words) - wished), RHYTHM_AT_MOST)


def _runs(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [words[start : start + RUN] for start in range(len(words) - RUN + 1)]


def _euphony(reading: _Reading) -> float:
    """Neighbours that rhyme or begin alike sound like an accident."""
    pairs = zip(reading.content, reading.content[1:], strict=False)
    return JINGLE * sum(one[-3:] == two[-3:] or one[:3] == two[:3] for one, two in pairs)
