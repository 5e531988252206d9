"""Reading what a request brings: JSON, a form, the query of a list. It decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NoReturn

from pydantic import BaseModel
from quart import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from headway.errors import BadParameters
from headway.kinds.validation_messages import HALF
from headway.model.record import JsonDict, Status
from headway.store import JobFilter
from quart_app.door.errors import Malformed
from quart_app.door.limits import MULTIPART

JSON = "application/json"
FORMS = frozenset({"application/x-www-form-urlencoded", MULTIPART})
# Longest text that is searched for, in characters.
SEARCH_CHARACTERS = 200
# A moment as records write it.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
# Longest idempotency key, in characters.
KEY_CHARACTERS = 200
# Jobs of one page of a list: when nothing is said, and at most.
PAGE_ROWS = 50
MOST_ROWS = 500
# What a list is narrowed to.
FILTERED_BY = frozenset({"status", "kind", "queue", "owner", "q"})


async def json_object(*, free: Collection[str] = ()) -> JsonDict:
    """The request's body, which has to be a JSON object of text that can be stored.

    The fields `free` may hold any text. Raises Malformed, BadParameters for half of a
    surrogate pair, and UnsupportedMediaType for anything that does not call itself JSON: a form
    on another site's page can send JSON only under another name.
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
    broken = [name for name, part in value.items() if name not in free and not _is_text(part)]
    if broken:
        raise BadParameters(dict.fromkeys(broken, HALF))
    return value


async def posted_form() -> MultiDict[str, str]:
    """The form that was posted. Raises UnsupportedMediaType, and Malformed for an empty one.

    Quart takes what it cannot read for an empty form: that would start a job, with defaults, that
    nobody asked for.
    """
    if request.mimetype not in FORMS:
        raise UnsupportedMediaType("The body has to be a form.")
    form: MultiDict[str, str] = await request.form
    if not form and not await request.files:
        raise Malformed("The form cannot be read, or nothing is in it.")
    return form


def idempotency_key() -> str | None:
    """The key under which a job is started once only. Raises BadParameters for a long one."""
    key = request.headers.get("Idempotency-Key") or None
    if key and len(key) > KEY_CHARACTERS:
        raise BadParameters({"Idempotency-Key": f"has at most {KEY_CHARACTERS} characters"})
    return key


def filter_of_query() -> JobFilter:
    """What a list or its stream is narrowed to. Raises BadParameters."""
    given = {name: list(values) for name, values in request.args.lists()}
    # As some clients write a list; others set its parts apart by commas.
    given["status"] = [",".join(given.get("status", ()))]
    twice = [name for name, values in given.items() if len(values) > 1]
    if twice:
        raise BadParameters(dict.fromkeys(twice, "is given once"))
    return _filter_of({name: values[0] for name, values in given.items()})


def filter_of(given: Mapping[str, Any]) -> JobFilter:
    """The filter in a body. Raises BadParameters."""
    refuse_unknown(given, FILTERED_BY)
    return _filter_of(given)


def refuse_unknown(given: Iterable[str], known: Collection[str]) -> None:
    """Raises BadParameters for names that are not known, which says what names there are.

    A name that is misspelt would narrow nothing, and stop, or delete, every job.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        there_are = f"there are {', '.join(sorted(known))}" if known else "nothing is taken here"
        raise BadParameters(dict.fromkeys(unknown, f"There is nothing of this name: {there_are}."))


def names_in(model: type[BaseModel]) -> list[str]:
    """The names by which a query or a body gives a model's fields."""
    return [field.alias or name for name, field in model.model_fields.items()]


def findable(text: str | None) -> str | None:
    """A text to be searched for, or None. Raises BadParameters for a long one.

    SQLite's index takes no NUL, and no job holds one.
    """
    found = (text or "").replace("\0", "") or None
    if found and len(found) > SEARCH_CHARACTERS:
        raise BadParameters({"q": f"has at most {SEARCH_CHARACTERS} characters"})
    return found


def _filter_of(given: Mapping[str, Any]) -> JobFilter:
    wrong = {name: "is text" for name, value in given.items() if not isinstance(value, str | None)}
    if wrong:
        raise BadParameters(wrong)
    values = {name: given.get(name) or None for name in ("kind", "queue", "owner", "q")}
    named = {status for status in (given.get("status") or "").split(",") if status}
    unknown = named - set(Status)
    if unknown:
        raise BadParameters({"status": f"is one or more of {', '.join(Status)}"})
    values["q"] = findable(values["q"])
    return JobFilter(status=frozenset(named), **values)


def page_of_query() -> tuple[str | None, int]:
    """(before, limit) of a list. Raises BadParameters."""
    return request.args.get("before") or None, number_of_query("limit", PAGE_ROWS, MOST_ROWS, 1)


def listed_at(args: Mapping[str, str]) -> str | None:
    """The moment by which the job `before` was listed, or None. Raises BadParameters."""
    at = args.get("at") or None
    if at is not None and not MOMENT.fullmatch(at):
        raise BadParameters({"at": "is a moment as a list's own `next` names it"})
    return at


def number_of_query(name: str, default: int, most: int, least: int = 0) -> int:
    """A whole number of the query. Raises BadParameters when it is none, or out of bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not digits or not least <= int(text) <= most:
        raise BadParameters({name: f"is a whole number from {least} to {most}"})
    return int(text)


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
