"""A form from a kind's JSON schema, and the parameters and the start back from what was posted.

Parameters are validated by the kind's own model; its errors come back by field name.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headway.client import LONGEST_DELAY_SECONDS
from headway.errors import BadParameters
from quart_app.pages.moments import PICKERS, ZONES, in_utc, picker_value

MINUTE_SECONDS = 60
LONGEST_MINUTES = LONGEST_DELAY_SECONDS // MINUTE_SECONDS
LONG_TEXT_CHARACTERS = 200  # a text that may be longer than this gets several lines
CONTROLS = {"integer": "number", "number": "number", "boolean": "checkbox", "string": "text"}


@dataclass(frozen=True, slots=True)
class Field:
    """One control of the form; `type` is the schema's, `json` for what only JSON can say.

    Text that a browser has a picker for has its format as type.
    """

    name: str
    label: str
    type: str
    control: str
    required: bool = False
    default: Any = ""
    hint: str = ""
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: str = ""
    maximum_length: int | None = None
    example: str = ""
    rows: int = 4
    zone: str = ""


# In minutes: a time would need its zone.
DELAY = Field(
    name="delay_minutes",
    label="Start in",
    type="number",
    control="number",
    step="any",
    minimum=0,
    maximum=LONGEST_MINUTES,
    hint="Minutes from now; leave empty to start at once.",
)


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """The controls for an object's properties, in the schema's order."""
    required = set(schema.get("required", ()))
    definitions = schema.get("$defs", {})
    return [
        _field(name, _resolve(part, definitions), required=name in required)
        for name, part in schema.get("properties", {}).items()
    ]


def _resolve(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Follow one reference, and see through `X | null` to X."""
    resolved = dict(part)
    options = resolved.pop("anyOf", []) + resolved.pop("allOf", [])
    options = [option for option in options if option.get("type") != "null"]
    for option in options:
        resolved = {**_resolve(option, definitions), **resolved}
    if len(options) > 1:
        resolved.pop("format", None)  # of one of them only
    reference = resolved.pop("$ref", "").rpartition("/")[2]
    return {**definitions[reference], **resolved} if reference in definitions else resolved


def _field(name: str, part: Mapping[str, Any], *, required: bool) -> Field:
    kind = _type_of(part)
    choices = tuple(part.get("enum", ()))
    default = part.get("default")
    return Field(
        name=name,
        label=part.get("title") or name.replace("_", " ").capitalize(),
        type=kind,
        control=_control(kind, part, choices),
        required=required and kind != "boolean",
        default=_shown(default, kind),
        hint=part.get("description", "") or ("JSON" if kind == "json" else ""),
        choices=choices if required or default is not None else ("", *choices),
        minimum=part.get("minimum", part.get("exclusiveMinimum")),
        maximum=part.get("maximum", part.get("exclusiveMaximum")),
        step={"integer": "1", "number": "any"}.get(kind, ""),
        maximum_length=part.get("maxLength"),
        example="" if kind in PICKERS else str(part.get("examples", [""])[0]),
        zone=ZONES.get(kind, ""),
    )


def _type_of(part: Mapping[str, Any]) -> str:
    kind = part["type"] if part.get("type") in CONTROLS else "json"
    picked = part.get("format") if kind == "string" and "enum" not in part else None
    if picked in PICKERS and picker_value(picked, part.get("default")) is not None:
        return str(picked)
    return kind


def _control(kind: str, part: Mapping[str, Any], choices: tuple[Any, ...]) -> str:
    if choices:
        return "select"
    long_text = kind == "string" and part.get("maxLength", 0) > LONG_TEXT_CHARACTERS
    return "textarea" if long_text or kind == "json" else (CONTROLS | PICKERS)[kind]


def _shown(default: Any, kind: str) -> Any:
    if default is None:
        return ""
    if kind in PICKERS:
        return picker_value(kind, default)
    return json.dumps(default, ensure_ascii=False) if kind == "json" else default


def params_from(fields: list[Field], posted: Mapping[str, str]) -> dict[str, Any]:
    """The parameters as the schema types them; an empty field is left out, so its default holds.

    Raises BadParameters for text that is not the number or the JSON it should be.
    """
    params, errors = typed(fields, posted)
    if errors:
        raise BadParameters(errors)
    return params


def typed(fields: list[Field], posted: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters that could be read, and what is wrong with the others by their names."""
    params: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        text = posted.get(field.name, "").strip()
        if field.type == "boolean":
            params[field.name] = text == "true"
        elif text:
            try:
                params[field.name] = _typed(field.type, text)
            except (ValueError, RecursionError):  # thousands of brackets are no JSON either
                errors[field.name] = f"This is not {_ARTICLES[field.type]}."
    return params, errors


def at_fields(errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by the field that shows them: `options.rows` is shown at `options`."""
    shown: dict[str, str] = {}
    for name, message in errors.items():
        field, _, within = name.partition(".")
        shown.setdefault(field, f"{within}: {message}" if within else message)
    return shown


_ARTICLES = {"integer": "a whole number", "number": "a number", "json": "valid JSON"}


def _typed(kind: str, text: str) -> Any:
    if kind == "integer":
        return int(text)
    if kind == "number":
        return float(text)
    if kind in ZONES:
        return in_utc(text)
    return json.loads(text) if kind == "json" else text


def due_of(posted: Mapping[str, str]) -> float | None:
    """When the job is due, in seconds since 1970; None for at once. Raises BadParameters."""
    minutes = params_from([DELAY], posted).get(DELAY.name)
    if minutes is None:
        return None
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise BadParameters({DELAY.name: f"This is a number from 0 to {LONGEST_MINUTES}."})
    return time.time() + MINUTE_SECONDS * float(minutes)
