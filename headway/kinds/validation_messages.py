"""Validation messages for people: pydantic's own are for programmers."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from headway.model.record import JsonDict

_WHOLE, _NUMBER = "Has to be a whole number.", "Has to be a number."
HALF = "Holds half of a surrogate pair, so is no text."
_YES_OR_NO = "Has to be true or false."
# By pydantic's types of errors (its documentation: Usage Errors); braces take what it found.
_MESSAGES = {
    "missing": "This is needed.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "string_type": "Has to be text.",
    "greater_than": "Has to be more than {gt}.",
    "greater_than_equal": "Has to be at least {ge}.",
    "less_than": "Has to be less than {lt}.",
    "less_than_equal": "Can be at most {le}.",
    "string_too_short": "Needs {min_length} or more characters.",
    "string_too_long": "Can have {max_length} characters at most.",
    "literal_error": "Has to be {expected}.",
    "enum": "Has to be {expected}.",
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
        return "Has too many brackets inside of each other."
    return None
