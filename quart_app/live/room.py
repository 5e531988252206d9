"""Room: how many requests may wait for changes at once in this process.

A place is taken where a request is let in and given back when it is over, so that no burst of
them passes the limit between its check and a stream's first event.
"""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import ServiceUnavailable

PLACE = "headway.place"


class NoRoom(ServiceUnavailable):
    """As many wait as may; the connection ends, for idle ones hold descriptors too."""

    description = "Too many streams are open."

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """The answer's headers."""
        return [*super().get_headers(*args, **kwargs), ("Connection", "close")]


class Room:
    """The places of one process."""

    def __init__(self) -> None:
        self.taken = 0

    def take(self, scope: Any, most: int) -> None:
        """Take the place of the request with this ASGI scope; `leave` gives it back.

        Raises NoRoom when `most` are taken.
        """
        if self.taken >= most:
            raise NoRoom
        self.taken += 1
        scope[PLACE] = self


def leave(scope: Any) -> None:
    """Give back a request's place, if it took one; may be called twice."""
    room: Room | None = scope.pop(PLACE, None)
    if room is not None:
        room.taken -= 1
