"""Secret fields of a model, at any depth: found in its core schema, where types are resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

_SECRETS = (Secret, SecretBytes, SecretStr)
# How the names of pydantic's functions of a `Secret[...]` begin, whatever is in it.
_OF_A_SECRET = "Secret.__get_pydantic_core_schema__"


def secret_in(model: type[BaseModel]) -> str | None:
    """The name of a field that holds a secret, as "login.password"; None where there is none."""
    return next(_secrets(model.__pydantic_core_schema__, ()), None)


def _secrets(part: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(part, dict):
        for name, each in part.items():
            if name == "fields" and isinstance(each, dict):
                for field, node in each.items():
                    yield from _secrets(node, (*path, field))
            elif name == "metadata":  # for the JSON schema only
                continue
            else:
                yield from _secrets(each, (*path, *_own_name(part, name)))
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _secrets(each, path)
    elif _is_secret(part):
        yield ".".join(path)


def _own_name(node: dict[str, Any], name: str) -> tuple[str, ...]:
    """The name in the node of a dataclass' or a named tuple's field."""
    of_a_field = name == "schema" and isinstance(node.get("name"), str)
    return (node["name"],) if of_a_field else ()


def _is_secret(part: Any) -> bool:
    if isinstance(part, type):
        return issubclass(part, _SECRETS)
    return str(getattr(part, "__qualname__", "")).startswith(_OF_A_SECRET)
