"""Validation messages for people: pydantic's own are for programmers."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from headway.model.record import JsonDict

_WHOLE, _NUMBER = "Must be a whole number.", "Must be a number."
HALF = "Contains half of a surrogate pair, so it is not text."
_YES_OR_NO = "Must be true or false."
# By pydantic's types of errors (its documentation: Usage Errors); braces take what it found.
_MESSAGES = {
    "missing": "This is required.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "string_type": "Must be text.",
    "greater_than": "Must be more than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than": "Must be less than {lt}.",
    "less_than_equal": "Must be at most {le}.",
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "literal_error": "Must be {expected}.",
    "enum": "Must be {expected}.",
    "dict_type": "Must be an object.",
    "model_type": "Must be an object.",
    "list_type": "Must be a list.",
    "too_long": "Must have at most {max_length} items.",
}


def validation_messages(error: ValidationError) -> dict[str, str]:
    """The message of each field that is wrong: one of ours, else pydantic's own."""
    found: dict[str, str] = {}
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"]) or "params"
        message = _MESSAGES.get(problem["type"], "").format_map(problem.get("ctx", {}))
        found.setdefault(field, message or problem["msg"].removeprefix("Value error, "))
    return found


def unsayable(params: JsonDict) -> dict[str, str]:
    """The message of each field that JSON cannot say: infinity, NaN, half of a surrogate pair."""
    messages = ((name, _unsayable(value)) for name, value in params.items())
    return {name: message for name, message in messages if message}


def _unsayable(value: Any) -> str | None:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return HALF
    except ValueError:
        return _NUMBER
    except RecursionError:
        return "Is nested too deeply."
    return None
