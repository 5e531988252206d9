"""A repair of Hypercorn 0.18: it never lets go of a connection whose client asked for more
before its answer was complete, and then left. Each would leave a task behind for ever.
"""

from __future__ import annotations

from typing import Any

import h11
from hypercorn.events import Closed, Event
from hypercorn.protocol.h11 import H11Protocol


class _Gone:
    """Stands in for h11's side of a connection that is closed: no more comes, nothing is sent."""

    our_state = their_state = h11.CLOSED
    they_are_waiting_for_100_continue = False

    def next_event(self) -> h11.ConnectionClosed:
        return h11.ConnectionClosed()

    def send(self, _event: object) -> bytes:
        return b""

    def receive_data(self, _data: bytes) -> None:
        """Nothing comes from a client that left."""


def let_go_of_the_gone() -> None:
    """Wake a connection's task that waits for the answer before a pipelined request."""
    handle = H11Protocol.handle

    async def handle_and_let_go(self: Any, event: Event) -> None:
        await handle(self, event)
        if isinstance(event, Closed):
            self.connection = _Gone()
            await self.can_read.set()

    setattr(H11Protocol, "handle", handle_and_let_go)  # noqa: B010  # a method, to mypy's dismay
