"""Event ids: `epoch:seq`, and `:line` with a log. A client sends back the last one it has seen."""

from __future__ import annotations

from dataclasses import dataclass

ID_CHARACTERS = 64  # of the longest id that is read
DIGITS = 18  # of the largest number in it: what a database holds
MOST_PARTS = 3  # epoch:seq:line


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
    """The position that an id names; None for no id and for any that is not one of ours."""
    if not text or len(text) > ID_CHARACTERS:
        return None
    epoch, *numbers = text.split(":", MOST_PARTS)
    if not epoch.isalnum() or not 0 < len(numbers) < MOST_PARTS:
        return None
    if not all(_is_number(number) for number in numbers):
        return None
    return Position(epoch, *map(int, numbers))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS
