"""Quart's request as this app reads it: no longer than its route allows, and its form whole."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from quart import Request
from quart.formparser import FormDataParser
from quart.wrappers import Body
from werkzeug.datastructures import FileStorage, MultiDict

from headway.settings import Settings
from quart_app.door.errors import Malformed
from quart_app.door.limits import MULTIPART, body_limit


def request_class(settings: Settings, uploads: Collection[str]) -> type[Request]:
    """The request's class; the addresses `uploads` take files.

    Quart buffers a body whether the view reads it or not, so a stream's route that let one in
    would hold it for as long as the stream lives.
    """

    class LimitedRequest(Request):
        form_data_parser_class = WholeForms

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            method, path = args[0], args[2]
            kwargs["max_content_length"] = body_limit(method, path, settings, uploads)
            super().__init__(*args, **kwargs)

    return LimitedRequest


class WholeForms(FormDataParser):
    """Quart's parser, which takes a form that breaks off for the parts that came."""

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
        if not read.has_met_end:
            raise Malformed("The form cannot be read, or breaks off.")
        return found


class _Watched(Body):
    """A body that knows whether it met the end of its last part. It is read once only."""

    def __init__(self, body: Body, end: bytes) -> None:
        super().__init__(None, None)
        self._body = body
        self._end = end
        self._before = b""
        self.has_met_end = False

    async def __anext__(self) -> bytes:
        piece = await anext(self._body)
        # The end may begin in the piece before.
        seen = self._before + piece
        self.has_met_end = self.has_met_end or self._end in seen
        self._before = seen[-len(self._end) :]
        return piece
