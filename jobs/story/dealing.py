"""Deals the lines of shared lists to the moves of a story, each line at most once a story.

Walks through the scenes with the flags of the story (who is apart, what is lost, the hour, the
weather), so that a move has only lines that are true at its moment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from jobs.story.cast import Slots
from jobs.story.shelf import Line, Move

HAND = 6  # lines a move may choose from; the rest of a list is kept for later moves

Lines = Mapping[str, tuple[Line, ...]]


@dataclass(frozen=True)
class Scene:
    """A chapter before its lines are dealt; `flags` hold for this chapter alone."""

    title: str
    flags: frozenset[str]
    slots: Slots
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Piece:
    """One move, ready to be worded: the lines it may take."""

    paragraph: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter's title pattern, what its slots stand for, and its pieces in order."""

    title: str
    slots: Slots
    pieces: tuple[Piece, ...]


_Told = list[tuple[Move, frozenset[str]]]  # the moves of a chapter, each with the flags it meets


def deal(
    scenes: Sequence[Scene], flags: frozenset[str], lines: Lines, chance: Random
) -> tuple[Chapter, ...]:
    """Return the scenes as chapters; a move that no line is left for is left out."""
    told = _walk(scenes, set(flags))
    demand = Counter(name for chapter in told for move, _ in chapter for name in move.uses)
    decks = {name: chance.sample(lines[name], len(lines[name])) for name in demand}
    chapters = []
    for scene, moves in zip(scenes, told, strict=True):
        pieces = []
        for move, true in moves:
            hand = [one for one in move.lines if _holds(one.needs, true)]
            for name in move.uses:
                hand += _hand(decks[name], true, demand[name])
                demand[name] -= 1
            if hand:
                pieces.append(Piece(move.paragraph, tuple(hand)))
        chapters.append(Chapter(scene.title, scene.slots, tuple(pieces)))
    return tuple(chapters)


def _walk(scenes: Sequence[Scene], state: set[str]) -> list[_Told]:
    """Go through the story once: which moves happen, and what is true at each."""
    told: list[_Told] = []
    for scene in scenes:
        happening: _Told = []
        for move in scene.moves:
            if _holds(move.needs, state):
                happening.append((move, scene.flags | state))
                _change(state, move.sets)
        told.append(happening)
    return told


def _hand(deck: list[Line], flags: frozenset[str], demand: int) -> list[Line]:
    """Take a fair share of the lines that fit this moment off the deck."""
    fits = [one for one in deck if _holds(one.needs, flags)]
    hand = fits[: max(1, min(HAND, len(fits) // demand))]
    for one in hand:
        deck.remove(one)
    return hand


def _holds(needs: Iterable[str], flags: Iterable[str]) -> bool:
    return all((need[1:] not in flags) if need[0] == "!" else need in flags for need in needs)


def _change(state: set[str], changes: Iterable[str]) -> None:
    for change in changes:
        if change[0] == "+":
            state.add(change[1:])
        else:
            state.discard(change[1:])
