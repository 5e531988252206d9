"""Reading what a request brings, so much as it may: JSON, a form, a key, values of a model.

Quart and werkzeug are more lenient than a service should be that starts what it reads; each class
and function here says what they would do (Quart 0.22, werkzeug 3.1).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from quart import Request, request
from quart.formparser import FormDataParser
from quart.wrappers import Body
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from headway.errors import BadParameters, HeadwayError
from headway.kinds.validation_messages import HALF, validation_messages
from headway.model.record import JsonDict
from headway.settings import Settings

JSON = "application/json"
MULTIPART = "multipart/form-data"
FORMS = frozenset({"application/x-www-form-urlencoded", MULTIPART})
# Longest body: JSON and forms are little, as a job's parameters are text; a multipart body is its
# file and this much around it.
BODY_BYTES = 512 * 1024
AROUND_UPLOAD_BYTES = 64 * 1024
MEGABYTE = 1024 * 1024
WITHOUT_BODY = frozenset({"GET", "HEAD"})
# Longest idempotency key, in characters.
KEY_CHARACTERS = 200
# Fields of a body that may hold any text: what reads them makes it storable.
FREE = frozenset({"params", "owner"})

Model = TypeVar("Model", bound=BaseModel)


class Malformed(HeadwayError):
    """The request cannot be read."""


def megabytes(count: int) -> str:
    """A number of bytes, for people."""
    return f"{round(count / MEGABYTE, 3):g} MB"


def body_limit(method: str, path: str, settings: Settings, uploads: Collection[str]) -> int:
    """The longest body that a route takes, in bytes; a file comes to one of `uploads`."""
    if method in WITHOUT_BODY:
        return 0
    if path in uploads:
        return settings.upload_limit_bytes + AROUND_UPLOAD_BYTES
    return BODY_BYTES


def request_class(settings: Settings, uploads: Collection[str]) -> type[Request]:
    """The request's class; the addresses `uploads` take files.

    Quart has one limit for all routes (MAX_CONTENT_LENGTH), and buffers a body whether the view
    reads it or not: a stream's route that let one in would hold it for as long as the stream lives.
    """

    class LimitedRequest(Request):
        form_data_parser_class = WholeForms

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            method, path = args[0], args[2]
            kwargs["max_content_length"] = body_limit(method, path, settings, uploads)
            super().__init__(*args, **kwargs)
            self._object: JsonDict | None = None

        async def get_json(self, *_: Any, **__: Any) -> JsonDict:
            """The body, which must be a JSON object. Raises as `_json_object` does."""
            if self._object is None:
                self._object = await _json_object(self)
            return self._object

    return LimitedRequest


class WholeForms(FormDataParser):
    """Quart's parser, but a form that breaks off is refused.

    Quart's MultiPartParser ends with the body, whether the last boundary came or not, and so takes
    the parts that came for the form.
    """

    async def parse(
        self,
        body: Body,
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The form and its files. Raises Malformed for one that breaks off."""
        if mimetype != MULTIPART:
            return await super().parse(body, mimetype, content_length, options)
        read = _Watched(body, f"--{(options or {}).get('boundary', '')}--".encode())
        found = await super().parse(read, mimetype, content_length, options)
        if not read.has_ended:
            raise Malformed("The form cannot be read, or breaks off.")
        return found


class _Watched(Body):
    """A body that knows whether the end of its last part came. It is read only once."""

    def __init__(self, body: Body, end: bytes) -> None:
        super().__init__(None, None)
        self._body = body
        self._end = end
        self._before = b""
        self.has_ended = False

    async def __anext__(self) -> bytes:
        piece = await anext(self._body)
        # The end may begin in the piece before.
        seen = self._before + piece
        self.has_ended = self.has_ended or self._end in seen
        self._before = seen[-len(self._end) :]
        return piece


async def _json_object(asked: Request) -> JsonDict:
    """A body that must be a JSON object, and whose text must be storable but for FREE fields.

    Quart's `get_json` takes a list, NaN and half of a surrogate pair, and gives None for a body of
    another type. Raises Malformed, BadParameters, and UnsupportedMediaType for anything that does
    not call itself JSON: a form on another site's page can send JSON only under another name.
    """
    if asked.mimetype != JSON:
        raise UnsupportedMediaType(f"The body must be {JSON}.")
    body = await asked.get_data()
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("The body must be a JSON object.")
    broken = [name for name, part in value.items() if name not in FREE and not _is_text(part)]
    if broken:
        raise BadParameters(dict.fromkeys(broken, HALF))
    return value


async def posted_form() -> MultiDict[str, str]:
    """The form that was posted. Raises UnsupportedMediaType, and Malformed for an empty one.

    Quart's parser is silent: what it cannot read is an empty form, which would start a job with
    defaults.
    """
    if request.mimetype not in FORMS:
        raise UnsupportedMediaType("The body must be a form.")
    form: MultiDict[str, str] = await request.form
    if not form and not await request.files:
        raise Malformed("The form cannot be read, or nothing is in it.")
    return form


def idempotency_key() -> str | None:
    """The key under which a job is started once only. Raises BadParameters for a long one."""
    key = request.headers.get("Idempotency-Key") or None
    if key and len(key) > KEY_CHARACTERS:
        raise BadParameters({"Idempotency-Key": f"Must have at most {KEY_CHARACTERS} characters."})
    return key


def refuse_unknown(given: Iterable[str], known: Collection[str]) -> None:
    """Raises BadParameters for unknown names; it lists the known ones.

    A misspelt name would narrow nothing, and stop, or delete, every job.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        names = f"known are {', '.join(sorted(known))}" if known else "none is known here"
        raise BadParameters(dict.fromkeys(unknown, f"This name is unknown; {names}."))


def names_in(model: type[BaseModel]) -> list[str]:
    """The names by which a query or a body gives a model's fields."""
    return [field.alias or name for name, field in model.model_fields.items()]


def parsed(model: type[Model], given: object) -> Model:
    """What was given, as a model. Raises BadParameters."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise BadParameters(validation_messages(error)) from None


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
