"""Sameness: two values are equal, and all their parts are of the same types."""

from __future__ import annotations

import marshal
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import datetime, time, timezone
from itertools import starmap
from typing import Any

from pydantic import BaseModel
from pydantic_core import TzInfo


def same(one: Any, other: Any) -> bool:
    """True when the two cannot be told apart by what they hold.

    An object without an equality and a state of its own, such as a lock, is the same as another.
    """
    if one is other or type(one) is not type(other):
        return one is other
    if type(one) in _EQUAL:
        return bool(one == other)
    if isinstance(one, BaseModel):
        return _same_parts(_parts_of(one), _parts_of(other))
    for kind, compare in _BY_TYPE.items():
        if isinstance(one, kind):
            return compare(one, other)
    if is_dataclass(one) or _has_no_equality(type(one)):
        return _same_parts(_state_of(one), _state_of(other))
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124  # NaN


def _has_no_equality(kind: type) -> bool:
    return getattr(kind, "__eq__", None) is getattr(object, "__eq__")  # noqa: B009  # mypy's


def _parts_of(model: BaseModel) -> Any:
    return model.__dict__, model.__pydantic_extra__, model.__pydantic_private__


def _state_of(value: Any) -> Any:
    try:
        return value.__getstate__()
    except TypeError:  # what cannot be copied shows nothing of itself
        return None


def _same_parts(one: Any, other: Any) -> bool:
    return len(one or ()) == len(other or ()) and same(one, other)


def _same_bytes(one: Any, other: Any) -> bool:
    # For plain values only, a hundred times faster than comparing each.
    try:
        return marshal.dumps(one, 0) == marshal.dumps(other, 0)
    except ValueError:
        return False


def _same_items(one: Any, other: Any) -> bool:
    return _same_each(list(one.items()), list(other.items()))


def _same_each(one: Any, other: Any) -> bool:
    if _same_bytes(one, other):
        return True
    return len(one) == len(other) and all(starmap(same, zip(one, other, strict=True)))


def _same_members(one: Any, other: Any) -> bool:
    # 1 and 1.0 are one member.
    return bool(one == other) and Counter(map(type, one)) == Counter(map(type, other))


def _same_moment(one: Any, other: Any) -> bool:
    zones = _zone_of(one), _zone_of(other)
    return bool(one == other) and zones[0] == zones[1] and one.fold == other.fold


def _zone_of(moment: Any) -> Any:
    # Pydantic has its own type of a fixed offset from UTC; other zones have rules.
    fixed = isinstance(moment.tzinfo, timezone | TzInfo)
    return moment.utcoffset() if fixed else moment.tzinfo


# Most values are of these.
_EQUAL = frozenset({str, int, bool})
_BY_TYPE: dict[type | tuple[type, ...], Callable[[Any, Any], bool]] = {
    dict: _same_items,
    (list, tuple, deque): _same_each,
    (set, frozenset): _same_members,
    (datetime, time): _same_moment,
}
