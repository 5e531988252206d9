"""A client's position in the changes of a store, as event ids carry it."""

from __future__ import annotations

from dataclasses import dataclass

# Longest name of a position that is looked at, in characters, and longest number in it, in
# digits: what a database holds.
POSITION_CHARACTERS = 64
DIGITS = 18
# epoch:seq, and the line where a job's log comes along.
MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Position:
    """Where a client left off: a store's epoch, a seq in it, and the last line of a job's log.

    `line` is None where no log came along.
    """

    epoch: str
    seq: int
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.epoch}:{self.seq}"
        return place if self.line is None else f"{place}:{self.line}"


def position_of(text: str | None) -> Position | None:
    """A position a client names; None for none and for anything that is not one of ours."""
    if not text or len(text) > POSITION_CHARACTERS:
        return None
    epoch, *numbers = text.split(":", MOST_PARTS)
    if not epoch.isalnum() or not 0 < len(numbers) < MOST_PARTS:
        return None
    if not all(_is_number(number) for number in numbers):
        return None
    return Position(epoch, *map(int, numbers))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS
