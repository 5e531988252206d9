"""A client's position in the changes of a store, as event ids carry it."""

from __future__ import annotations

from dataclasses import dataclass

# Longest name of a position that is looked at, in characters, and longest seq in digits: what
# a database holds.
POSITION_CHARACTERS = 64
SEQ_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Position:
    """Where a client left off: a store's epoch and a seq in it."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"


def position_of(text: str | None) -> Position | None:
    """A position a client names; None for none and for anything that is not one of ours."""
    if not text or len(text) > POSITION_CHARACTERS:
        return None
    epoch, _, seq = text.partition(":")
    if not epoch.isalnum() or not (seq.isascii() and seq.isdigit()) or len(seq) > SEQ_DIGITS:
        return None
    return Position(epoch, int(seq))
