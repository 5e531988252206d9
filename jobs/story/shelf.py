"""Reads the library: the text files under library/ that hold every word of the grammar.

Three notations, read once a process. A *record* is `key: value` lines under `@name`, values
apart by " / ". A *list* is plain lines under `@name`. A *script* is a record followed by
blocks of moves: "¶" begins a move in a new paragraph, "-" one in the same paragraph, and
each following line is one way to say it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jobs.story.pattern import Pattern, parse

LIBRARY = Path(__file__).parent / "library"
BETWEEN_VALUES = " / "
ONE_WAY = " > "
SPEECH = re.compile(r"” (said|asked) (\{[a-z]+\})(?=[.;]|, (?!who))")

Record = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Line:
    """One way to say a move, and the flags of the story it needs ("!" before: must be absent)."""

    needs: tuple[str, ...]
    pattern: Pattern


@dataclass(frozen=True)
class Move:
    """One thing told: its own lines and those of the named shared lists.

    `needs` are flags without which the move is left out, `sets` those it changes ("+lost").
    """

    paragraph: bool
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    sets: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Script:
    """A record and its blocks of moves: an arc or an encounter."""

    name: str
    record: Record
    blocks: Mapping[str, tuple[Move, ...]]


@cache  # bounded by the files of the library
def names(folder: str) -> tuple[str, ...]:
    """Name the files of a folder, in the order of the alphabet."""
    found = (LIBRARY / folder).iterdir()
    return tuple(sorted(file.stem for file in found))


@cache
def records(path: str) -> Mapping[str, Record]:
    """Read a file of records."""
    return MappingProxyType({name: _record(rows) for name, rows in _sections(path).items()})


@cache
def lists(path: str) -> Mapping[str, tuple[Line, ...]]:
    """Read a file of lists."""
    sections = _sections(path).items()
    return MappingProxyType({name: tuple(line(row) for row in rows) for name, rows in sections})


@cache
def script(path: str) -> Script:
    """Read an arc or an encounter."""
    sections = _sections(path)
    record = _record(sections.pop(""))
    blocks = {name: _moves(rows) for name, rows in sections.items()}
    return Script(path.rpartition("/")[2], record, MappingProxyType(blocks))


def line(row: str) -> Line:
    """Read one line: `?flag` words, then the pattern, whose plain phrases become choices."""
    needs = []
    while row.startswith("?"):
        need, _, row = row[1:].partition(" ")
        needs.append(need)
    return Line(tuple(needs), parse(_reworded(row)))


def _reworded(row: str) -> str:
    """Offer every wording of the phrases that have several, and both orders of “said somebody”."""
    known, anywhere = _wordings()
    row = anywhere.sub(lambda found: f"[{'|'.join(known[found[0]])}]", row)
    return SPEECH.sub(r"” [\1 \2|\2 \1]", row)


@cache
def _wordings() -> tuple[Mapping[str, tuple[str, ...]], re.Pattern[str]]:
    """Read which phrases have other wordings, at the start of a sentence too."""
    known: dict[str, tuple[str, ...]] = {}
    for row in _sections("wordings")[""]:
        first, *others = row.split(ONE_WAY)
        group = (first, *others) if others else tuple(row.split(BETWEEN_VALUES))
        for phrase in (first,) if others else group:
            known[phrase] = group
            known[_capital(phrase)] = tuple(map(_capital, group))
    longest_first = "|".join(sorted(known, key=len, reverse=True))
    return known, re.compile(rf"\b(?:{longest_first})\b")


def _capital(phrase: str) -> str:
    return phrase[0].upper() + phrase[1:]


def _sections(path: str) -> dict[str, list[str]]:
    """Part a file at its `@name` rows; what stands before the first is under the empty name."""
    rows: list[str] = []
    sections = {"": rows}
    for row in (LIBRARY / f"{path}.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("@"):
            rows = sections.setdefault(row[1:], [])
        elif row and not row.startswith("#"):
            rows.append(row)
    if not sections[""]:
        del sections[""]
    return sections


def _record(rows: list[str]) -> Record:
    record: dict[str, tuple[str, ...]] = {}
    for row in rows:
        key, _, values = row.partition(": ")
        record[key] = record.get(key, ()) + tuple(values.split(BETWEEN_VALUES))
    return MappingProxyType(record)


def _moves(rows: list[str]) -> tuple[Move, ...]:
    groups: list[list[str]] = []
    for row in rows:
        if row[0] in "¶-":
            groups.append([row])
        else:
            groups[-1].append(row)
    return tuple(_move(head.split(), lines) for head, *lines in groups)


def _move(head: list[str], lines: list[str]) -> Move:
    sign, *words = head
    return Move(
        paragraph=sign == "¶",
        needs=tuple(word[1:] for word in words if word[0] == "?"),
        uses=tuple(word[1:] for word in words if word[0] == "="),
        sets=tuple(word for word in words if word[0] in "+~"),
        lines=tuple(line(row) for row in lines),
    )
