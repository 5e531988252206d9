"""Everything that is settled before a story's first word: who, where, about what, in which arc.

Turns it into one lexicon of slots and one set of named lists of lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from jobs.story.cast import Cast, Slots, cast_of, cast_slots, hero_slots
from jobs.story.hero import Hero
from jobs.story.pattern import Lexicon, parse
from jobs.story.profile import Profile, profile_of
from jobs.story.shelf import Line, Record, Script, line, lists, names, records, script
from jobs.story.theme import WORDS, Theme, akin, theme_of, words_of

FAVOUR = 2  # an arc that suits the theme is this many times as likely as another
BY_THEME, BY_PERSONALITY = 40, 4  # the same, for a place that one of them names

MEASURES = ("land", "home", "goal", "road", "shelter")  # of a place: one each, kept all story
SENSES = ("smell", "sound", "sight", "ground", "creature", "plant")  # any one, any time
FAMILIAR = ("friend", "foe", "elder", "home", "goal", "road", "thing")  # may be named freely


@dataclass(frozen=True)
class World:
    """A story before it is told."""

    hero: Hero
    arc: Script
    title: str
    weathers: tuple[str, ...]
    slots: Slots
    lines: Mapping[str, tuple[Line, ...]]
    flags: frozenset[str]
    echo: frozenset[str]
    familiar: frozenset[str]


@dataclass(frozen=True)
class _Choices:
    """What chance, the theme and the personality have chosen; `wording` is the arc's."""

    theme: Theme
    profile: Profile
    cast: Cast
    place: Record
    thing: str
    desire: Record
    motif: Record
    wording: Record


def world_of(hero: Hero, personality: str | None, theme_text: str, chance: Random) -> World:
    """Settle everything; the same arguments and the same state of chance settle it alike."""
    theme = theme_of(theme_text, chance)
    profile = profile_of(personality, chance)
    arc = script(f"arcs/{_arc(theme, chance)}")
    wording = _aligned(arc.record, chance)
    chosen = _Choices(
        theme=theme,
        profile=profile,
        cast=cast_of(hero, wording["secret"][0], chance),
        place=_place(theme.words, profile.words, chance),
        thing=chance.choice(list(records("objects"))),
        desire=chance.choice(list(records("people/desires").values())),
        motif=_motif(theme, chance),
        wording=wording,
    )
    return _world(hero, arc, chosen, chance)


def lexicon_of(slots: Slots) -> Lexicon:
    """Parse the values of slots; they may hold slots themselves."""
    return {name: tuple(map(parse, values)) for name, values in slots.items()}


def _world(hero: Hero, arc: Script, chosen: _Choices, chance: Random) -> World:
    theme, profile, slots = chosen.theme, chosen.profile, _slots(hero, arc, chosen, chance)
    return World(
        hero=hero,
        arc=arc,
        title=chance.choice((*chosen.motif["title"], *arc.record["title"])),
        weathers=chosen.place["weather"],
        slots=slots,
        lines=_lines(chosen),
        flags=hero.flags | {arc.name} | ({"inscribed"} if theme.inscribed else set()),
        echo=frozenset((*_echo(theme), *theme.words, *profile.words)),
        familiar=frozenset(words_of(" ".join(slots[key][0] for key in FAMILIAR))),
    )


def _slots(hero: Hero, arc: Script, chosen: _Choices, chance: Random) -> Slots:
    """Say what every slot of the library stands for in this story."""
    return {
        **hero_slots(hero),
        **cast_slots(chosen.cast, chance),
        **{part: (chance.choice(chosen.place[part]),) for part in MEASURES},
        **{part: chosen.place[part] for part in SENSES},
        **chosen.wording,
        "image": _all_of(chosen.theme, "image"),
        "saying": (chance.choice(_all_of(chosen.theme, "saying")),),
        "thing": (f"the {chosen.thing}",),
        "thing.noun": (chosen.thing,),
        "thing.full": records("objects")[chosen.thing]["full"],
        "wish": chosen.desire["wish"],
        "your wish": chosen.desire["you"],
        "quest": arc.record["quest"],
        "quest.doing": arc.record["doing"],
        "words": (WORDS,),
    }


def _lines(chosen: _Choices) -> dict[str, tuple[Line, ...]]:
    """Gather every list of lines that this story may use, under one name each."""
    gathered: dict[str, tuple[Line, ...]] = {}
    for file in names("moves"):
        gathered.update(lists(f"moves/{file}"))
    for name, voiced in lists(f"voices/{chosen.cast.voice}").items():
        gathered[f"friend.{name}"] = voiced
    owners: dict[str, Record] = {
        "gift": chosen.profile.gift,
        "flaw": chosen.profile.flaw,
        "interest": chosen.profile.interest,
        "thing": records("objects")[chosen.thing],
        "desire": chosen.desire,
        "arc": chosen.wording,
        "theme": {**chosen.motif, "reflect": _all_of(chosen.theme, "reflect")},
        "friend": {"last": chosen.cast.friend.record["last"]},
    }
    for owner, record in owners.items():
        gathered.update({f"{owner}.{key}": tuple(map(line, record[key])) for key in record})
    return gathered


def _arc(theme: Theme, chance: Random) -> str:
    suited = " ".join(_all_of(theme, "arcs")).split()
    known = names("arcs")
    return chance.choices(known, [FAVOUR if name in suited else 1 for name in known])[0]


def _place(theme: Sequence[str], personality: Sequence[str], chance: Random) -> Record:
    places = list(records("settings").values())
    wanted = []
    for row in places:
        called = row["words"][0].split()
        by_theme = any(akin(word, called) for word in theme)
        by_personality = any(akin(word, called) for word in personality)
        wanted.append(1 + by_theme * BY_THEME + by_personality * BY_PERSONALITY)
    return chance.choices(places, wanted)[0]


def _motif(theme: Theme, chance: Random) -> Record:
    """Choose how the story opens; each opening has its own close and title."""
    record = chance.choice(theme.records)
    which = chance.randrange(len(record["open"]))
    return {key: (record[key][which],) for key in ("open", "close", "title")}


def _aligned(record: Record, chance: Random) -> Record:
    """Choose one value, at the same position, of each key that the arc binds together."""
    keys = record["pick"][0].split()
    which = chance.randrange(len(record[keys[0]]))
    return {key: (record[key][which],) for key in keys}


def _all_of(theme: Theme, key: str) -> tuple[str, ...]:
    return tuple(text for record in theme.records for text in record[key])


def _echo(theme: Theme) -> list[str]:
    return " ".join((*_all_of(theme, "echo"), *_all_of(theme, "words"))).split()
