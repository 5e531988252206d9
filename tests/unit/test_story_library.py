"""The files of the library: all of it can be told, and means what the code takes it for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from jobs.story.cast import person_slots
from jobs.story.hero import SHE, hero_of
from jobs.story.pattern import expand, parse, slots
from jobs.story.shelf import LIBRARY, Line, Script, line, lists, names, records, script
from jobs.story.storyteller import Character
from jobs.story.world import World, world_of

ARCS = tuple(script(f"arcs/{name}") for name in names("arcs"))
ENCOUNTERS = tuple(script(f"encounters/{name}") for name in names("encounters"))
THEMES = tuple(script(f"themes/{name}") for name in names("themes"))
FILES = sorted(LIBRARY.rglob("*.txt"))


@cache
def world() -> World:
    return world_of(hero_of(Character("Ada", 30)), "kind", "adventure", Random(1))


@cache
def everywhere() -> frozenset[str]:
    """The slots that are filled in every story, whichever its arc."""
    arcs = {key for arc in ARCS for key in arc.record["pick"][0].split()}
    told = {*world().slots, *person_slots("npc", "the miller", SHE), "nth", "memory"}
    return frozenset(told - arcs | {"saying"})


def lines_of(told: Script) -> Iterator[Line]:
    for moves in told.blocks.values():
        for move in moves:
            yield from move.lines


def shared() -> Iterator[Line]:
    for folder in ("moves", "voices"):
        for name in names(folder):
            for section in lists(f"{folder}/{name}").values():
                yield from section
    for file, keys in {
        "people/gifts": ("intro", "act"),
        "people/flaws": ("intro", "stumble", "overcome"),
        "people/interests": ("habit", "help"),
        "people/desires": ("want", "end"),
        "people/friends": ("last",),
        "objects": ("quirk", "wake", "rest"),
    }.items():
        for record in records(file).values():
            yield from (line(text) for key in keys for text in record[key])
    for theme in THEMES:
        record = theme.record
        yield from (line(t) for key in ("open", "close", "reflect") for t in record[key])
    for encounter in ENCOUNTERS:
        yield from map(line, encounter.record["use"])


def test_every_slot_of_a_shared_line_is_filled_in_every_story() -> None:
    asked = {slot for one in shared() for slot in slots(one.pattern)}

    assert len(asked) > 40
    assert asked <= everywhere()


@pytest.mark.parametrize("told", [*ARCS, *ENCOUNTERS], ids=lambda told: told.name)
def test_every_slot_and_every_list_that_a_script_asks_for_is_there(told: Script) -> None:
    own = told.record.get("pick", ("",))[0].split()
    arc = {f"arc.{key}" for key in own}
    lines = {*world().lines, "token.use"} - {f"arc.{key}" for key in world().slots}

    assert {slot for one in lines_of(told) for slot in slots(one.pattern)} <= everywhere() | {*own}
    assert {use for moves in told.blocks.values() for move in moves for use in move.uses} <= (
        lines | arc
    )


@pytest.mark.parametrize("arc", ARCS, ids=lambda arc: arc.name)
def test_what_an_arc_binds_together_is_there_equally_often(arc: Script) -> None:
    keys = arc.record["pick"][0].split()
    people = records("people/foes")

    assert len({len(arc.record[key]) for key in keys}) == 1
    assert all(secret in people for row in arc.record["secret"] for secret in row.split())
    assert set(arc.blocks) == {"opening", "link", "climax", "ending"}


@pytest.mark.parametrize("encounter", ENCOUNTERS, ids=lambda encounter: encounter.name)
def test_an_encounter_says_when_it_is_who_is_met_and_what_comes_of_it(encounter: Script) -> None:
    assert set(encounter.record) >= {"role", "time", "title", "npc", "token", "memory", "use"}
    assert set(encounter.record["role"][0].split()) <= {"trial", "help", "setback", "dark"}
    assert set(encounter.blocks) == {"scene"}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_opening_of_a_theme_has_its_close_and_its_title(theme: Script) -> None:
    record = theme.record

    assert len(record["open"]) == len(record["close"]) == len(record["title"]) >= 5
    assert record["words"][0].split()[0] == theme.name
    assert set(record["arcs"][0].split()) <= set(names("arcs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LIBRARY)))
def test_the_library_keeps_to_its_spelling(file: object) -> None:
    text = LIBRARY.joinpath(str(file)).read_text(encoding="utf-8")
    prose = "\n".join(row for row in text.splitlines() if not row.startswith(("#", "@")))

    assert text.startswith("#")
    assert not re.search(r"[\"']", prose), "typographic quotes only"
    assert not re.search(r"  | $", prose, re.MULTILINE)
    # With a hero who is they, only a slot knows the right verb.
    assert not re.search(r"\{[Hh](?:e|ero)\} (?:is|was|has|does|knows|says|goes)\b", prose)


def test_a_slot_with_a_capital_begins_with_one() -> None:
    lexicon = {"thing": (parse("the [old|old] key"),)}

    assert expand(parse("{Thing} and {thing}"), lexicon, Random(1).random) == (
        "The old key and the old key"
    )


def test_a_choice_takes_each_of_its_wordings_also_inside_another() -> None:
    chance = Random(1)

    told = {expand(parse("a[b|[c|d]|]"), {}, chance.random) for _ in range(60)}

    assert told == {"ab", "ac", "ad", "a"}


@pytest.mark.parametrize("wrong", ["a [b", "a b]", "a {b", "[a|[b]"])
def test_brackets_that_do_not_match_are_refused_with_the_text(wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)):
        parse(wrong)


def test_phrases_with_several_wordings_vary_but_a_contraction_is_never_undone() -> None:
    chance = Random(1)

    told = {expand(line("Nobody did not").pattern, {}, chance.random) for _ in range(60)}
    kept = {expand(line("I didn’t").pattern, {}, chance.random) for _ in range(20)}

    assert told == {"Nobody did not", "No one did not", "Nobody didn’t", "No one didn’t"}
    assert kept == {"I didn’t"}
