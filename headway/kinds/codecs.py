"""Codecs: ways to write a value as JSON and to read it back, by the nodes of a core schema.

Where a node leaves open what a value in JSON was, the value is written beside the number of the
codec that reads it back as it was: the same, down to the type of each part.
"""

from __future__ import annotations

import marshal
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import is_dataclass
from datetime import datetime, time, timezone
from enum import Enum
from functools import cached_property
from itertools import starmap
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, SchemaValidator, TzInfo

from headway.model.record import dumps

Node = dict[str, Any]

# Bytes may be any; the text of JSON may not.
CONFIG: Any = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


class Unkept(ValueError):
    """A value cannot be written so that it is read back as it is."""


class Codec(Protocol):
    """Encodes a value as what JSON can say, and decodes it. Both may raise anything."""

    def encode(self, value: Any) -> Any: ...

    def decode(self, raw: Any) -> Any: ...


class NodeCodec:
    """As a node says; `definitions` are the nodes that it may refer to."""

    def __init__(self, node: Node, definitions: Mapping[str, Node]) -> None:
        self._node = node
        self._definitions = definitions

    def encode(self, value: Any) -> Any:
        """What JSON can say of a value."""
        return self._serializer.to_python(value, mode="json", round_trip=True, warnings="none")

    def decode(self, raw: Any) -> Any:
        """The value of which that was said."""
        return self.read(dumps(raw))

    def write(self, value: Any) -> str:
        """A value as a JSON text."""
        return dumps(self.encode(value))

    def read(self, text: str) -> Any:
        """The value in a JSON text."""
        return self.validator.validate_json(text)

    # Both are made when they are first needed, for a node may refer to definitions that are yet to
    # come; and not from pydantic's own of the models within, which have their authors' checks.
    @cached_property
    def validator(self) -> SchemaValidator:
        """What decodes."""
        return SchemaValidator(self._schema, CONFIG, _use_prebuilt=False)

    @cached_property
    def _serializer(self) -> SchemaSerializer:
        return SchemaSerializer(self._schema, CONFIG, _use_prebuilt=False)

    @property
    def _schema(self) -> Any:
        return {
            "type": "definitions",
            "schema": self._node,
            "definitions": list(self._definitions.values()),
        }


class _Pair(NamedTuple):
    """A codec of two functions."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def with_zone(moment: Codec) -> Codec:
    """A moment with its zone: the zone's rules, not only its offset from UTC at that moment."""
    return _Pair(
        lambda value: [moment.encode(value), value.tzinfo.key],
        lambda raw: moment.decode(raw[0]).astimezone(ZoneInfo(raw[1])),
    )


def by_name(members: type[Enum]) -> Codec:
    """A member of an enumeration whose value JSON cannot say."""
    return _Pair(lambda value: value.name, lambda raw: members[raw])


def by_type(codecs: Mapping[str, Codec]) -> Codec:
    """A value of any type that has a codec here, beside that type's name."""

    def encode(value: Any) -> Any:
        name = type(value).__name__
        return [name, codecs[name].encode(value)]

    return _Pair(encode, lambda raw: codecs[raw[0]].decode(raw[1]))


def with_privates(fields: Codec, privates: Mapping[str, Codec]) -> Codec:
    """A model with those of its private attributes that JSON can say."""

    def encode(value: Any) -> Any:
        written = {}
        for name, held in (value.__pydantic_private__ or {}).items():
            with suppress(Exception):  # an author's types may raise anything
                written[name] = privates[name].encode(held)
        return [fields.encode(value), written]

    def decode(raw: Any) -> Any:
        model = fields.decode(raw[0])
        held = {name: privates[name].decode(value) for name, value in raw[1].items()}
        made = model.__pydantic_private__ or {}
        object.__setattr__(model, "__pydantic_private__", made | held)
        return model

    return _Pair(encode, decode)


def remade_privates(node: Node) -> Node:
    """A model's node, with private attributes as the model makes them; its fields stay."""
    function = {"type": "no-info", "function": _remake_privates}
    return {"type": "function-after", "function": function, "schema": node}


def _remake_privates(model: BaseModel) -> BaseModel:
    fields, names = dict(model.__dict__), set(model.__pydantic_fields_set__)
    model.model_post_init(None)
    object.__setattr__(model, "__dict__", fields)
    object.__setattr__(model, "__pydantic_fields_set__", names)
    return model


def one_of(codecs: Sequence[Codec]) -> Node:
    """A node of the first codec that reads a value back as it is, written beside its number."""

    def encode(value: Any) -> Any:
        for number, codec in enumerate(codecs):
            try:
                raw = codec.encode(value)
                if same(value, codec.decode(raw)):
                    return [number, raw]
            except Exception:  # noqa: BLE001  # an author's types may raise anything
                continue
        raise Unkept

    def decode(raw: Any) -> Any:
        number, written = raw
        return codecs[number].decode(written)

    return {
        "type": "function-plain",
        "function": {"type": "no-info", "function": decode},
        "serialization": {"type": "function-plain", "function": encode},
    }


def same(one: Any, other: Any) -> bool:
    """True when both hold the same.

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
