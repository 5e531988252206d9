"""Ways to write a value as JSON and to read it back, by the nodes of a core schema.

Where a node leaves open what a value in JSON was, the value is written beside the number of the
way that reads it back as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, SchemaValidator

from headway.kinds.sameness import same
from headway.model.record import dumps

Node = dict[str, Any]

# Bytes may be any; the text of JSON may not.
CONFIG: Any = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


class Unkept(ValueError):
    """A value cannot be written so that it is read back as it is."""


class Way(Protocol):
    """How a value is written, as what JSON can say, and read back. Each raises anything."""

    def dump(self, value: Any) -> Any: ...

    def load(self, raw: Any) -> Any: ...


class ByNode:
    """As a node says; `definitions` are the nodes that it may refer to."""

    def __init__(self, node: Node, definitions: Mapping[str, Node]) -> None:
        self._node = node
        self._definitions = definitions

    def dump(self, value: Any) -> Any:
        """What JSON can say of a value."""
        return self._serializer.to_python(value, mode="json", round_trip=True, warnings="none")

    def load(self, raw: Any) -> Any:
        """The value of which that was said."""
        return self.read(dumps(raw))

    def prepare(self) -> None:
        """Make what reads."""
        _ = self._validator

    def write(self, value: Any) -> str:
        """A value as a JSON text."""
        return dumps(self.dump(value))

    def read(self, text: str) -> Any:
        """The value in a JSON text."""
        return self._validator.validate_json(text)

    # Made when they are first needed: a node may refer to definitions that are yet to come. And
    # not from what pydantic has made of the models within, which has their authors' checks.
    @cached_property
    def _serializer(self) -> SchemaSerializer:
        return SchemaSerializer(self._schema, CONFIG, _use_prebuilt=False)

    @cached_property
    def _validator(self) -> SchemaValidator:
        return SchemaValidator(self._schema, CONFIG, _use_prebuilt=False)

    @property
    def _schema(self) -> Any:
        return {
            "type": "definitions",
            "schema": self._node,
            "definitions": list(self._definitions.values()),
        }


class Zoned:
    """A moment with the zone that it is in: its rules, not only how far it was from UTC then."""

    def __init__(self, moment: Way) -> None:
        self._moment = moment

    def dump(self, value: Any) -> Any:
        """The moment, and its zone's name."""
        return [self._moment.dump(value), value.tzinfo.key]

    def load(self, raw: Any) -> Any:
        """The moment in its zone."""
        moment, zone = raw
        return self._moment.load(moment).astimezone(ZoneInfo(zone))


class ByName:
    """A member of an enumeration whose value JSON cannot say."""

    def __init__(self, members: type[Enum]) -> None:
        self._members = members

    def dump(self, value: Any) -> Any:
        """Its name."""
        return value.name

    def load(self, raw: Any) -> Any:
        """The member of that name."""
        return self._members[raw]


class ByType:
    """A value of any type: by the nodes of the types that it and its parts may be."""

    def __init__(self, nodes: Mapping[str, Way]) -> None:
        self._nodes = nodes

    def dump(self, value: Any) -> Any:
        """The name of its type, and what that type says of it."""
        name = type(value).__name__
        return [name, self._nodes[name].dump(value)]

    def load(self, raw: Any) -> Any:
        """The value of that type."""
        name, written = raw
        return self._nodes[name].load(written)


class WithPrivates:
    """A model with what its private attributes held, where JSON can say it."""

    def __init__(self, fields: Way, privates: Mapping[str, Way]) -> None:
        self._fields = fields
        self._privates = privates

    def dump(self, value: Any) -> Any:
        """The model, and those of its private attributes that can be written, by name."""
        written = {}
        for name, held in (value.__pydantic_private__ or {}).items():
            with suppress(Exception):  # an author's types may raise anything
                written[name] = self._privates[name].dump(held)
        return [self._fields.dump(value), written]

    def load(self, raw: Any) -> Any:
        """The model with these private attributes."""
        fields, held = raw
        model = self._fields.load(fields)
        privates = {name: self._privates[name].load(value) for name, value in held.items()}
        made = model.__pydantic_private__ or {}
        object.__setattr__(model, "__pydantic_private__", made | privates)
        return model


def one_of(ways: Sequence[Way]) -> Node:
    """A node that writes a value the first way that reads it back as it is, and which that was."""

    def dump(value: Any) -> Any:
        for number, way in enumerate(ways):
            try:
                raw = way.dump(value)
                if same(value, way.load(raw)):
                    return [number, raw]
            except Exception:  # noqa: BLE001  # an author's types may raise anything
                continue
        raise Unkept

    def load(raw: Any) -> Any:
        number, written = raw
        return ways[number].load(written)

    return {
        "type": "function-plain",
        "function": {"type": "no-info", "function": load},
        "serialization": {"type": "function-plain", "function": dump},
    }


def after(node: Node, function: Callable[[Any], Any]) -> Node:
    """A node whose value goes through a function of ours when it is read."""
    return {
        "type": "function-after",
        "function": {"type": "no-info", "function": function},
        "schema": node,
    }


def with_privates_anew(model: BaseModel) -> BaseModel:
    """A model with its private attributes as it makes them; its fields stay as they were read."""
    fields, names = dict(model.__dict__), set(model.__pydantic_fields_set__)
    model.model_post_init(None)
    object.__setattr__(model, "__dict__", fields)
    object.__setattr__(model, "__pydantic_fields_set__", names)
    return model
