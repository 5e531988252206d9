"""Answers: JSON, the head of a stream, and files, which are closed whatever the client does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator
from http import HTTPStatus
from io import BufferedReader
from urllib.parse import quote

from quart import Request, Response
from quart.wrappers.response import FileBody
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from headway.model.record import JsonDict, dumps

# Bytes of a file read at a time: what the kernel has at hand anyway.
PIECE_BYTES = 64 * 1024
# Clients that do not read UTF-8 in a file's name get an underscore for each of these.
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9 ._-]")
STREAM_HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx would gather events before it passes them on
}


def json_reply(body: JsonDict, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A JSON answer that is not cached."""
    return json_text(dumps(body), status)


def json_text(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The same for text that is JSON already."""
    response = Response(text, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


async def nothing() -> AsyncIterator[bytes]:
    """The empty body of an answer to HEAD: a stream's own would never end."""
    yield b""


def as_file(name: str) -> str:
    """The header that makes an answer a download of this name (RFC 6266)."""
    plain = NOT_IN_A_NAME.sub("_", name)
    said = f'attachment; filename="{plain}"'
    return said if plain == name else f"{said}; filename*=UTF-8''{quote(name, safe='')}"


def stream_reply(events: AsyncIterable[bytes]) -> Response:
    """A stream of events, without a time limit."""
    response = Response(events, content_type="text/event-stream; charset=utf-8")
    response.headers.update(STREAM_HEADERS)
    # Quart cuts every other answer after a minute (RESPONSE_TIMEOUT).
    response.timeout = None
    return response


class LocalFileBody(FileBody):
    """A file of this machine. No thread and no await stand between opening and closing it.

    Quart's FileBody opens and closes files in a thread (aiofiles); a client that leaves in that
    moment cancels the wait for it, and the file stays open.
    """

    _opened: BufferedReader | None = None

    async def __aenter__(self) -> LocalFileBody:
        self._opened = self.file_path.open("rb")  # see the class
        self._opened.seek(self.begin)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    async def make_conditional(self, begin: int, end: int | None) -> int:
        """Send a part only; a `begin` below 0 is so many bytes before the end.

        Raises RequestedRangeNotSatisfiable.
        """
        if begin < 0:
            begin = max(0, self.size + begin)
        if begin >= self.size:
            raise RequestedRangeNotSatisfiable(self.size)
        return await super().make_conditional(begin, end)

    async def __anext__(self) -> bytes:
        assert self._opened is not None
        left = self.end - self._opened.tell()
        piece = self._opened.read(min(PIECE_BYTES, left)) if left > 0 else b""
        if not piece:
            raise StopAsyncIteration
        return piece


class Reply(Response):
    """Quart's response, with files that are closed, and with ranges as RFC 9110 wants them.

    Quart's refuses several ranges and other units, which a server may ignore, and sends a range
    that counts from the end as one that begins before the file.
    """

    file_body_class = LocalFileBody

    async def make_conditional(
        self,
        request: Request,
        accept_ranges: bool | str = False,
        complete_length: int | None = None,
    ) -> Reply:
        """Send a part, or nothing new, if that was asked for.

        What is not one range of bytes is ignored. Raises RequestedRangeNotSatisfiable.
        """
        wanted = request.range
        if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
            complete_length = None  # by this Quart sends the whole
        await super().make_conditional(request, accept_ranges, complete_length)
        return self
