"""Files as answers: read in pieces, and closed whatever the client does."""

from __future__ import annotations

from io import BufferedReader

from quart import Request, Response
from quart.wrappers.response import FileBody
from werkzeug.exceptions import RequestedRangeNotSatisfiable

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
    """Quart's response, with files that are closed, and with ranges as RFC 9110 wants them."""

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
