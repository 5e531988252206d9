"""Chooses the people of a story and says how each is named in a sentence's slots.

Knows the notation of slots, but no plot and no scoring.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from jobs.story.hero import FULL, HE, NAME, OWNER, SHE, Hero, Pronouns
from jobs.story.shelf import Record, names, records

PERSON = {SHE: "woman", HE: "man"}

Slots = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Person:
    """Someone the hero meets."""

    name: str
    pronouns: Pronouns
    record: Record


@dataclass(frozen=True)
class Cast:
    """The people of one story; `voice` names the way the friend speaks."""

    friend: Person
    foe: Person
    foe_surname: str
    elder: Person
    voice: str


def cast_of(hero: Hero, secrets: str, chance: Random) -> Cast:
    """Choose a friend, a foe with one of the secrets, and an elder; none has the hero's name."""
    taken = set(hero.full_name.casefold().split())
    friend_record = _any(records("people/friends"), chance)
    friend = Person(*_name("friend", _other(hero.pronouns, chance), taken, chance), friend_record)
    secret = records("people/foes")[chance.choice(secrets.split())]
    foe = Person(*_name("foe", chance.choice((SHE, HE)), taken, chance), secret)
    elder = Person(*_name("elder", chance.choice((SHE, HE)), taken, chance), {})
    voices = friend_record.get("voices", (" ".join(names("voices")),))[0].split()
    return Cast(friend, foe, _surname(taken, chance), elder, chance.choice(voices))


def hero_slots(hero: Hero) -> dict[str, tuple[str, ...]]:
    """Name the slots of the hero; {hero} may be the name or the pronoun."""
    forms = hero.pronouns
    return {
        **_forms("", forms),
        "name": (NAME,),
        "name’s": (OWNER,),
        "full": (FULL,),
        "hero": (NAME, forms.he),
        "hero’s": (OWNER, forms.his),
        "hero was": (f"{NAME} was", f"{forms.he} {forms.was}"),
        "he was": (f"{forms.he} {forms.was}",),
        "was": ("was",),
        "hers": (forms.hers,),
        "age": (hero.age,),
        "years": (hero.years,),
    }


def cast_slots(cast: Cast, chance: Random) -> dict[str, tuple[str, ...]]:
    """Name the slots of everybody else."""
    friend, foe, elder = cast.friend, cast.foe, cast.elder
    pick = chance.choice
    thing = friend.record["thing"][0]
    return {
        **person_slots("friend", friend.name, friend.pronouns),
        "friend.kind": (pick(friend.record["kind"]),),
        "friend.habit": (pick(friend.record["habit"]),),
        "friend.thing": (thing,),
        "friend.a thing": (f"a {thing}",),
        "friend.sibling": ("sister" if friend.pronouns == SHE else "brother",),
        **person_slots("foe", cast.foe_surname, foe.pronouns),
        "foe.full": (f"{foe.name} {cast.foe_surname}",),
        "foe.initial": (cast.foe_surname[0],),
        "foe.person": (PERSON[foe.pronouns],),
        **{f"foe.{part}": (_written(f"{part}s", chance),) for part in ("look", "habit", "work")},
        "confession": (foe.record["confession"][0],),
        "wound": (foe.record["memory"][0],),
        "soft": foe.record["soft"],
        **person_slots("elder", elder.name, elder.pronouns),
        "elder.work": (pick(records("people/elders")["works"]["work"]),),
    }


def person_slots(role: str, name: str, forms: Pronouns) -> dict[str, tuple[str, ...]]:
    """Name the slots of one person: the name, its possessive and the pronouns."""
    return {role: (name,), f"{role}’s": (f"{name}’s",), **_forms(f"{role}.", forms)}


def _forms(prefix: str, forms: Pronouns) -> dict[str, tuple[str, ...]]:
    parts = ("he", "him", "his", "himself")
    return {prefix + part: (getattr(forms, part),) for part in parts}


def _other(forms: Pronouns, chance: Random) -> Pronouns:
    """Choose other pronouns than the hero's, so that a sentence about both stays clear."""
    return chance.choice([other for other in (SHE, HE) if other != forms])


def _name(role: str, forms: Pronouns, taken: set[str], chance: Random) -> tuple[str, Pronouns]:
    known = records("people/names")["she" if forms == SHE else "he"][role]
    free = [name for name in known if not taken & set(name.casefold().split())]
    return chance.choice(free or list(known)), forms


def _surname(taken: set[str], chance: Random) -> str:
    known = records("people/names")["surname"]["foe"]
    return chance.choice([name for name in known if name.casefold() not in taken])


def _any(known: Mapping[str, Record], chance: Random) -> Record:
    return known[chance.choice(list(known))]


def _written(section: str, chance: Random) -> str:
    return chance.choice(records("people/manners")[section]["is"])
