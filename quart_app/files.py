"""Files as answers: read in pieces, and closed whatever the client does."""

from __future__ import annotations

from io import BufferedReader

from quart import Response
from quart.wrappers.response import FileBody

# Bytes read at a time: what the kernel has at hand anyway.
PIECE_BYTES = 64 * 1024


class LocalFileBody(FileBody):
    """A file of this machine. No thread and no await stand between opening and closing it.

    Quart's own opens and closes files in a thread; a client that leaves in that moment cancels
    the waiting for it, and the file stays open.
    """

    _opened: BufferedReader | None = None

    async def __aenter__(self) -> LocalFileBody:
        self._opened = self.file_path.open("rb")  # see the class
        self._opened.seek(self.begin)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    async def __anext__(self) -> bytes:
        assert self._opened is not None
        left = self.end - self._opened.tell()
        piece = self._opened.read(min(PIECE_BYTES, left)) if left > 0 else b""
        if not piece:
            raise StopAsyncIteration
        return piece


class Reply(Response):
    """Quart's response, with files that are closed."""

    file_body_class = LocalFileBody
