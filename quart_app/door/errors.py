"""Every error leaves here: as an RFC 9457 problem for programs, or as a page for people.

None shows a traceback or a path of this machine.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from pydantic import ValidationError
from quart import Quart, Response, render_template, request
from quart_schema import RequestSchemaValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from headway.errors import (
    BadParameters,
    Conflict,
    HeadwayError,
    StoreMisused,
    StoreUnavailable,
    TooLarge,
    UnknownThing,
    UnsupportedFile,
)
from headway.kinds.validation_messages import validation_messages
from headway.model.record import JsonDict, dumps, safe_text
from quart_app.door.origin import SAFE_METHODS
from quart_app.door.request_parsing import MULTIPART, body_limit, megabytes
from quart_app.guests import guests
from quart_app.services import services

PROBLEM = "application/problem+json"
# Most specific first.
STATUS_OF: tuple[tuple[type[HeadwayError], HTTPStatus], ...] = (
    (UnknownThing, HTTPStatus.NOT_FOUND),
    (UnsupportedFile, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (BadParameters, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Conflict, HTTPStatus.CONFLICT),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
# What a page calls a status whose own phrase says little to people.
TITLES = {
    HTTPStatus.CONFLICT: "That is not possible right now",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "That cannot be used",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Some values are not valid",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not available at the moment",
}
# Seconds after which a client may try again when the store could not be used.
RETRY_AFTER_SECONDS = 5
DETAIL_CHARACTERS = 500

log = logging.getLogger(__name__)


def add_error_handlers(app: Quart) -> None:
    """Turn every error of this app into a problem or a page."""

    @app.errorhandler(HeadwayError)
    async def known(error: HeadwayError) -> Response:
        status = next(
            (status for family, status in STATUS_OF if isinstance(error, family)),
            HTTPStatus.BAD_REQUEST,
        )
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            log.warning("%s %s: %s", request.method, request.path, error)
            detail = _of_the_store()
        else:
            detail = str(error)
        fields = error.fields if isinstance(error, BadParameters) else None
        return await answer(status, detail, fields)

    @app.errorhandler(RequestSchemaValidationError)
    async def invalid(error: RequestSchemaValidationError) -> Response:
        assert isinstance(error.validation_error, ValidationError)
        return await known(BadParameters(validation_messages(error.validation_error)))

    @app.errorhandler(HTTPException)
    async def of_http(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        if isinstance(error, RequestEntityTooLarge):
            response = await answer(status, *_of_the_body())
        else:
            response = await answer(status, safe_text(error.description or "", DETAIL_CHARACTERS))
        # Allow, Content-Range, Location.
        response.headers.update(
            {name: value for name, value in error.get_headers() if name != "Content-Type"}
        )
        return response

    @app.errorhandler(StoreMisused)
    @app.errorhandler(Exception)
    async def unknown(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return await answer(
            HTTPStatus.INTERNAL_SERVER_ERROR, "This should not have happened; the log says more."
        )


async def answer(status: HTTPStatus, detail: str, fields: dict[str, str] | None = None) -> Response:
    """An error, as a page for a person or as a problem for a program."""
    if wants_page():
        page = await render_template(
            "error.html",
            status=status.value,
            title=TITLES.get(status, status.phrase.capitalize()),
            detail=detail,
            fields=fields or {},
            nav=_section(request.path),
        )
        response = Response(page, status)
    else:
        problem: JsonDict = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": detail,
            # The name that simple clients look for.
            "error": detail or status.phrase,
        }
        if fields:
            problem["errors"] = [{"field": k, "message": v} for k, v in fields.items()]
        response = Response(dumps(problem), status, content_type=PROBLEM)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _section(path: str) -> str:
    """The part of the site that an address belongs to, as its navigation knows it."""
    sections = [href for guest in guests() for href, _ in guest.navigation]
    found = next((part for part in ("/jobs", *sections) if f"{path}/".startswith(f"{part}/")), "")
    return "/" if found == "/jobs" else found


def _of_the_store() -> str:
    said = "The store cannot be used at the moment."
    if request.method in SAFE_METHODS:
        return said
    # A connection that breaks during a commit does not say whether it was done.
    unsure = services().settings.on_postgresql
    return f"{said} {'Check whether this was done.' if unsure else 'Nothing was changed.'}"


def _of_the_body() -> tuple[str, dict[str, str] | None]:
    """(the sentence, what is wrong by field) for a body that is longer than its route allows."""
    settings = services().settings
    uploads = {path: upload for guest in guests() for path, upload in guest.uploads.items()}
    limit = body_limit(request.method, request.path, settings, uploads)
    if (request.content_length or limit + 1) <= limit:
        return "A field of this form is too long.", None
    upload = uploads.get(request.path)
    if upload and request.mimetype == MULTIPART:
        larger = f"is larger than {megabytes(settings.upload_limit_bytes)}."
        return f"The {upload.noun} {larger}", {upload.field: f"This {larger}"}
    return f"The body is larger than {megabytes(limit)}.", None


def wants_page() -> bool:
    """True for a person's browser at a page, False for programs."""
    if request.path.startswith("/api/"):
        return False
    return bool(
        request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
    )
