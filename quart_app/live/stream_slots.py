"""Stream slots: how many requests may wait for changes at once in this process.

A slot is taken when a request is let in and given back when the request is over, so that no burst
passes the limit between its check and a stream's first event.
"""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import ServiceUnavailable

SLOT = "headway.stream_slot"


class NoStreamSlot(ServiceUnavailable):
    """All slots are taken; the connection ends, for an idle one holds a descriptor too."""

    description = "Too many streams are open."

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """The response's headers."""
        return [*super().get_headers(*args, **kwargs), ("Connection", "close")]


class StreamSlots:
    """The slots of one process, `limit` at most."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    def take(self, scope: Any) -> None:
        """Take a slot for the request with this ASGI scope; `give_back` returns it.

        Raises NoStreamSlot when all are taken.
        """
        if self.taken >= self.limit:
            raise NoStreamSlot
        self.taken += 1
        scope[SLOT] = self


def give_back(scope: Any) -> None:
    """Give back a request's slot, if it took one; may be called twice."""
    slots: StreamSlots | None = scope.pop(SLOT, None)
    if slots is not None:
        slots.taken -= 1
