"""The storyteller of our own: a narrative grammar whose sentences are chosen among many drafts.

Owns how a passage is chosen; what may be said comes from the library, in what order from the
outline, and what is better from taste.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from jobs.story.dealing import Chapter, Piece
from jobs.story.hero import hero_of
from jobs.story.outline import outline_of
from jobs.story.parameters import Length
from jobs.story.pattern import Lexicon, expand, parse
from jobs.story.prose import Prose
from jobs.story.storyteller import Character, Passage
from jobs.story.taste import Taste
from jobs.story.world import World, lexicon_of, world_of

LEANING = 6.0  # points; each line starts with a random few, or one would win in every story


@dataclass(frozen=True)
class Care:
    """How much is tried before a passage is told; what it costs is some 20 ms a passage.

    `drafts` wordings are written (the same one twice is judged once), and the best `finalists`
    are each tried out with the best of the `ahead` passages that would follow.
    """

    drafts: int = 300
    finalists: int = 15
    ahead: int = 6


class GrammarStoryteller:
    """Tells a story out of the library; needs no network and no model."""

    def __init__(self, care: Care | None = None) -> None:
        self._care = care or Care()

    def tell(
        self, character: Character, theme: str, length: Length, seed: int
    ) -> Iterator[Passage]:
        """Yield the passages in reading order; the same arguments tell the same story."""
        chance = Random(f"{seed}\n{theme!r}\n{length}\n{character!r}")
        hero = hero_of(character)
        world = world_of(hero, character.personality_profile, theme, chance)
        chapters = outline_of(world, length, chance)
        prose = Prose(hero, theme)
        taste = Taste(world.echo, world.familiar, hero.pronouns, _mistakable(world))
        title = prose.title(expand(parse(world.title), lexicon_of(world.slots), chance.random))
        total, done = sum(len(chapter.pieces) for chapter in chapters), 0
        for number, chapter in enumerate(chapters, start=1):
            lexicon = lexicon_of(chapter.slots)
            heading = prose.title(expand(parse(chapter.title), lexicon, chance.random))
            prose.begin_chapter()
            for place, text in _worded(chapter, lexicon, taste, self._care, chance):
                words, share = prose.finish(text), (done + place) / total
                yield Passage(title, number, len(chapters), heading, words, share)
            done += len(chapter.pieces)


@dataclass(frozen=True)
class _Draft:
    """One wording of a piece; `leaning` is what its line was given to start with."""

    text: str
    paragraph: bool
    leaning: float


def _worded(
    chapter: Chapter, lexicon: Lexicon, taste: Taste, care: Care, chance: Random
) -> Iterator[tuple[int, str]]:
    """Yield each told piece's place, from 1, and its text with the break before it."""
    drafts = [_drafts(piece, lexicon, care.drafts, chance) for piece in chapter.pieces]
    before = ""
    for place in range(len(drafts)):
        text = _choose(drafts[place : place + 1 + care.ahead], taste, care.finalists)
        if text:
            taste.keep(text)
            yield place + 1, _break(before, text, chapter.pieces[place].paragraph) + text
            before = text


def _break(before: str, text: str, paragraph: bool) -> str:
    """Return what parts two passages; who speaks after somebody spoke has a new paragraph."""
    if not before:
        return ""
    return "\n\n" if paragraph or (text[0] == "“" and "“" in before) else " "


def _drafts(piece: Piece, lexicon: Lexicon, number: int, chance: Random) -> list[_Draft]:
    """Write a piece many times over; every wording once."""
    leanings = [chance.random() * LEANING for _ in piece.lines]
    written: dict[str, _Draft] = {}
    for _ in range(number):
        which = int(chance.random() * len(piece.lines))
        text = expand(piece.lines[which].pattern, lexicon, chance.random)
        written.setdefault(text, _Draft(text, piece.paragraph, leanings[which]))
    return list(written.values())


def _choose(drafts: Sequence[list[_Draft]], taste: Taste, finalists: int) -> str:
    """Choose among the first drafts the one that, with what can follow it, reads best.

    Empty when each of them would repeat what was told.
    """
    best, best_score = "", float("-inf")
    for score, text in _rated(drafts[0], taste)[:finalists]:
        total, trial = score, taste.branch()
        trial.keep(text)
        for following in drafts[1:]:
            rated = _rated(following, trial)
            if rated:
                total += rated[0][0]
                trial.keep(rated[0][1])
        if total > best_score:
            best, best_score = text, total
    return best


def _rated(drafts: Sequence[_Draft], taste: Taste) -> list[tuple[float, str]]:
    """Return the drafts that are no repetition, best first."""
    scored = [(taste.score(draft.text, draft.paragraph), draft) for draft in drafts]
    fresh = [(score + draft.leaning, draft.text) for score, draft in scored if score is not None]
    return sorted(fresh, key=lambda rating: -rating[0])


def _mistakable(world: World) -> list[str]:
    """Name those whom the hero's pronoun could mean as well."""
    own = world.hero.pronouns.he
    return [
        name
        for role in ("friend", "foe", "elder")
        for name in world.slots[role]
        if world.slots[f"{role}.he"][0] == own
    ]
