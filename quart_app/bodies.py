"""Reading what a request brings: JSON, and the query of a list. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from quart import request
from werkzeug.exceptions import UnsupportedMediaType

from jobs.errors import BadParameters
from jobs.records import JsonDict, Status
from jobs.store import JobFilter
from quart_app.errors import Malformed

JSON = "application/json"
# Longest text that is searched for, in characters.
SEARCH_CHARACTERS = 200
# Longest idempotency key, in characters.
KEY_CHARACTERS = 200
# Jobs of one page of a list: when nothing is said, and at most.
PAGE_ROWS = 50
MOST_ROWS = 500


async def json_object() -> JsonDict:
    """The request's body, which has to be a JSON object.

    Raises Malformed, and UnsupportedMediaType for anything that does not call itself JSON: a
    form on another site's page can send JSON only under another name.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"The body has to be {JSON}.")
    body = await request.get_data()
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("The body has to be a JSON object.")
    return value


def idempotency_key() -> str | None:
    """The key under which a job is started once only. Raises BadParameters for a long one."""
    key = request.headers.get("Idempotency-Key") or None
    if key and len(key) > KEY_CHARACTERS:
        raise BadParameters({"Idempotency-Key": f"has at most {KEY_CHARACTERS} characters"})
    return key


def filter_of_query() -> JobFilter:
    """What a list or its stream is narrowed to. Raises BadParameters."""
    return filter_of(request.args)


def filter_of(given: Mapping[str, Any]) -> JobFilter:
    """The filter in a query or a body. Raises BadParameters."""
    values = {name: given.get(name) or None for name in ("kind", "queue", "owner", "q")}
    wrong = {name: "is text" for name, value in values.items() if not isinstance(value, str | None)}
    if wrong:
        raise BadParameters(wrong)
    named = {status for status in str(given.get("status") or "").split(",") if status}
    unknown = named - set(Status)
    if unknown:
        raise BadParameters({"status": f"is one or more of {', '.join(Status)}"})
    if len(values["q"] or "") > SEARCH_CHARACTERS:
        raise BadParameters({"q": f"has at most {SEARCH_CHARACTERS} characters"})
    return JobFilter(status=frozenset(named), **values)


def page_of_query() -> tuple[str | None, int]:
    """(before, limit) of a list. Raises BadParameters."""
    return request.args.get("before") or None, number_of_query("limit", PAGE_ROWS, MOST_ROWS, 1)


def number_of_query(name: str, default: int, most: int, least: int = 0) -> int:
    """A whole number of the query. Raises BadParameters when it is none, or out of bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:12]) <= most:
        raise BadParameters({name: f"is a whole number from {least} to {most}"})
    return int(text)


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
