"""Values out of an application's Redis, of any serializer, as JSON that is safe to keep and show.

What JSON has no word for is text in angle brackets: `<datetime.datetime>`, `<app.Point x=1, y=2>`,
`<12 bytes>`. What is too large, or cannot be read, is such a text as well.
"""

from __future__ import annotations

import json
import math
from typing import Any

from headway.mirror.safe_pickle import MAX_BYTES, Pairs, Thing, Unreadable, read_pickle

# The bounds of one described value: how deep it nests, how many values and characters it has in
# all, and how long the text of one `Thing` is.
MAX_DEPTH = 20
MAX_VALUES = 2_000
MAX_CHARACTERS = 50_000
MAX_THING_CHARACTERS = 200
MAX_THING_ARGUMENTS = 10

CUT = "…"
_PICKLE = b"\x80"
# JavaScript and the databases have no larger integers.
INTEGER_BITS = 63
_SHOWN_BITS = 1_000


def describe(data: bytes) -> Any:
    """What some bytes of RQ's default serializers hold, as JSON. Raises nothing."""
    try:
        return described(read(data))
    except Unreadable as unreadable:
        return f"<{unreadable}>"


def read(data: bytes) -> Any:
    """The value in bytes of RQ's pickle or JSON serializer. Raises Unreadable."""
    if not data.startswith(_PICKLE):
        if len(data) > MAX_BYTES:
            raise Unreadable(f"{len(data)} bytes")
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            pass
    try:
        return read_pickle(data)
    except Unreadable:
        if data.startswith(_PICKLE):
            raise
        raise Unreadable(f"{len(data)} bytes of another serializer") from None


def described(value: Any) -> Any:
    """A value that `read` gave, as JSON within bounds."""
    return _Description().json(value, 0)


class _Description:
    """Counts what it has written, so that a value that holds itself comes to an end."""

    def __init__(self) -> None:
        self._values = 0
        self._characters = 0

    def json(self, value: Any, depth: int) -> Any:
        self._values += 1
        if depth > MAX_DEPTH or self._full:
            return CUT
        if isinstance(value, dict):
            return self._object(list(value.items()), depth)
        if isinstance(value, Pairs):
            return self._object(value, depth)
        if isinstance(value, list | tuple):
            return self._array(value, depth)
        return self._counted(value if _is_plain(value) else _word(value))

    @property
    def _full(self) -> bool:
        return self._values > MAX_VALUES or self._characters >= MAX_CHARACTERS

    def _object(self, pairs: list[tuple[Any, Any]], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if self._full:
                made[CUT] = CUT
                break
            name = self._counted(key if isinstance(key, str) else _word(key))
            made[name] = self.json(value, depth + 1)
        return made

    def _array(self, values: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
        made = []
        for value in values:
            if self._full:
                made.append(CUT)
                break
            made.append(self.json(value, depth + 1))
        return made

    def _counted(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = cut(value, MAX_CHARACTERS - self._characters)
        self._characters += len(text)
        return text


def cut(text: str, length: int) -> str:
    """A text of at most so many characters, and an ellipsis where it was longer."""
    whole = text if len(text) <= length else text[:length] + CUT
    return whole.encode("utf-8", "replace").decode("utf-8")


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= INTEGER_BITS
    return value is None or isinstance(value, str)


def _word(value: Any) -> str:
    """A text for what is no plain value of JSON, or for a key."""
    match value:
        case Thing():
            return _thing(value)
        case bytes() | bytearray():
            return f"<{len(value)} bytes>"
        case int() if value.bit_length() > _SHOWN_BITS:
            return f"<an integer of {value.bit_length()} bits>"
        case None | int() | float():
            return str(value)
    return f"<{type(value).__name__.lower()}>"


def _thing(thing: Thing) -> str:
    words = [_argument(value) for value in thing.args[:MAX_THING_ARGUMENTS] if _is_short(value)]
    words += [f"{name}={_argument(value)}" for name, value in _fields(thing.state)]
    text = " ".join(filter(None, [thing.name, ", ".join(words)]))
    return f"<{cut(text, MAX_THING_CHARACTERS)}>"


def _fields(state: Any) -> list[tuple[str, Any]]:
    """An object's attributes that can be said; those of `__slots__` come as a second part."""
    parts = state[:2] if isinstance(state, tuple) else (state,)
    first = [part[:MAX_THING_ARGUMENTS] for part in parts if isinstance(part, Pairs)]
    return [
        (name, value)
        for pairs in first
        for name, value in pairs
        if isinstance(name, str) and _is_short(value)
    ]


def _is_short(value: Any) -> bool:
    return _is_plain(value) or isinstance(value, int | float)


def _argument(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(cut(value, MAX_THING_CHARACTERS), ensure_ascii=False)
    return _word(value)
