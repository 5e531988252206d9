"""JSON answers, and the head of a stream."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator
from http import HTTPStatus
from urllib.parse import quote

from quart import Response

from headway.model.record import JsonDict, dumps

# Clients that read no UTF-8 in a file's name get an underscore for each of these.
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9 ._-]")
STREAM_HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx would gather events before it passes them on
}


def json_reply(body: JsonDict, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A JSON answer that nobody keeps."""
    return json_text(dumps(body), status)


def json_text(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The same of what is JSON already."""
    response = Response(text, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


async def nothing() -> AsyncIterator[bytes]:
    """The body of an answer of which only the head was asked for: a stream would never end."""
    yield b""


def as_file(name: str) -> str:
    """The header that makes an answer a download of this name (RFC 6266)."""
    plain = NOT_IN_A_NAME.sub("_", name)
    said = f'attachment; filename="{plain}"'
    return said if plain == name else f"{said}; filename*=UTF-8''{quote(name, safe='')}"


def stream_reply(events: AsyncIterable[bytes]) -> Response:
    """A stream of events that lasts as long as both sides want."""
    response = Response(events, content_type="text/event-stream; charset=utf-8")
    response.headers.update(STREAM_HEADERS)
    # Quart cuts every other answer after a minute.
    response.timeout = None
    return response
