"""Lays a story out: which chapters it has, what happens in each, and what is carried between.

What is met on the way returns at the end: one encounter gives the hero what helps at the
climax, another the memory that closes the story.
"""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from jobs.story.cast import person_slots
from jobs.story.dealing import Chapter, Scene, deal
from jobs.story.hero import HE, SHE
from jobs.story.parameters import Length
from jobs.story.shelf import Move, Record, Script, line, names, script
from jobs.story.world import World

# The encounters between an opening and a climax: which roles will do, one after the other.
ROLES: Mapping[Length, tuple[frozenset[str], ...]] = {
    Length.SHORT: (frozenset({"trial", "help"}),),
    Length.MEDIUM: (frozenset({"trial", "help"}), frozenset({"setback"})),
    Length.LONG: (
        frozenset({"trial"}),
        frozenset({"help"}),
        frozenset({"trial", "help"}),
        frozenset({"setback"}),
        frozenset({"dark"}),
    ),
}
DAYS = ("second", "third", "fourth", "fifth", "sixth")  # of the journey, one an encounter

INTERLUDES = (
    "friend-habit",
    "friend.banter",
    "flaw.stumble",
    "interest.help",
    "shadow",
    "thing-look",
    "saying-look",
    "memory-look",
    "reflect",
)
INTERLUDES_A_CHAPTER = 2
TIME_PASSES = "⁂"
SKIES = (("hour", "travel"), ("weather", "travel"), ("hour", "weather"))


def outline_of(world: World, length: Length, chance: Random) -> tuple[Chapter, ...]:
    """Decide the chapters of a story."""
    encounters = _encounters(world, length, chance)
    token = chance.choice(encounters)
    others = [other for other in encounters if other is not token] or encounters
    memory = {"memory": (chance.choice(chance.choice(others).record["memory"]),)}
    opening = _scene(world, ("opening",), _listens(world, "elder"), chance)
    late = {**_listens(world, "foe"), **memory}
    ends = (("climax", "ending"),) if length is Length.SHORT else (("climax",), ("ending",))
    scenes = [
        opening,
        *_road(world, encounters, chance),
        *(_scene(world, blocks, late, chance) for blocks in ends),
    ]
    lines = {**world.lines, "token.use": tuple(map(line, token.record["use"]))}
    return deal(scenes, world.flags, lines, chance)


def _encounters(world: World, length: Length, chance: Random) -> list[Script]:
    chosen: list[Script] = []
    for roles in ROLES[length]:
        fits = [
            one
            for one in (script(f"encounters/{name}") for name in names("encounters"))
            if one not in chosen
            and world.arc.name not in one.record.get("not", ())
            and roles & set(one.record["role"][0].split())
        ]
        chosen.append(chance.choice(fits))
    return chosen


def _scene(world: World, blocks: Sequence[str], slots: Record, chance: Random) -> Scene:
    """Turn blocks of the arc into one chapter."""
    titles = [title for title in world.arc.record[blocks[0]] if title != world.title]
    return Scene(
        title=chance.choice(titles),
        flags=_sky(world, ("evening", "night"), chance),
        slots={**world.slots, **slots},
        moves=tuple(_parted(world.arc.blocks[block] for block in blocks)),
    )


def _parted(blocks: Iterable[Sequence[Move]]) -> Iterable[Move]:
    """Yield the moves of blocks that share a chapter, with a mark where time has passed."""
    for number, block in enumerate(blocks):
        if number > 0:
            yield Move(True, (), (), (), (line(TIME_PASSES),))
        yield from block


def _listens(world: World, role: str) -> dict[str, tuple[str, ...]]:
    """Say who it is that the hero speaks to where a line does not."""
    own = {key: value for key, value in world.slots.items() if key.startswith(role)}
    return {"npc" + key.removeprefix(role): value for key, value in own.items()} | {
        "nth": ("last",)
    }


def _road(world: World, encounters: Sequence[Script], chance: Random) -> Iterable[Scene]:
    """Turn encounters into chapters: the way there, what happens, the way on."""
    interludes: list[str] = []
    for number, encounter in enumerate(encounters):
        record = encounter.record
        behind = [memory for past in encounters[:number] for memory in past.record["memory"]]
        slots = {
            **world.slots,
            **person_slots("npc", record["npc"][0], chance.choice((SHE, HE))),
            "nth": (DAYS[number],),
            **({"memory": (chance.choice(behind),)} if behind else {}),
        }
        moves = encounter.blocks["scene"]
        if "dark" not in record["role"][0]:
            interludes = interludes or list(INTERLUDES)
            moves = (*_way(world, number, interludes, chance), *moves, *_WAY_ON)
        flags = _sky(world, record["time"][0].split(), chance)
        yield Scene(chance.choice(record["title"]), flags, slots, moves)


def _way(world: World, number: int, interludes: list[str], chance: Random) -> tuple[Move, ...]:
    """Choose how the road to an encounter is told, and take what it uses from the interludes."""
    free = [name for name in interludes if number > 0 or name != "memory-look"]
    chosen = chance.sample(free, min(INTERLUDES_A_CHAPTER, len(free)))
    for name in chosen:
        interludes.remove(name)
    links = world.arc.blocks["link"]
    middle = [*map(_use, chosen), links[number % len(links)]]
    if number == 0:
        middle.append(_use("words-asked", "inscribed"))
    chance.shuffle(middle)
    first, second = chance.choice(SKIES)
    return (_use(first), _use(second, paragraph=False), *middle)


def _use(name: str, *needs: str, paragraph: bool = True) -> Move:
    return Move(paragraph, needs, (name,), (), ())


_WAY_ON = (
    _use("lost", "lost"),
    _use("apart", "apart"),
    _use("friend.comfort", "lost", "!apart"),
    _use("theme.reflect", "!apart", "!lost"),
    _use("dusk", "!apart", "!lost", paragraph=False),
    _use("hook", "!apart", "!lost"),
)


def _sky(world: World, times: Sequence[str], chance: Random) -> frozenset[str]:
    return frozenset((chance.choice(times), chance.choice(world.weathers)))
