"""What a stream says of itself: that it lives, whether changes are pushed, when to come back."""

from __future__ import annotations

import random

from headway.model.record import dumps
from quart_app.live import sse
from quart_app.live.relay import Relay

# Silence, in seconds, after which a stream says that it lives: a page distrusts twice as much.
HEARTBEAT_SECONDS = 5.0
HEARTBEAT = sse.encode_json("heartbeat", b"{}")
# How long, in milliseconds, a client waits before it connects again.
RETRY_MILLISECONDS = 2_000
# At the server's end each client gets another wait, so that they do not come back at once.
DRAIN_MILLISECONDS = (500, 3_000)


def greeting() -> bytes:
    """The line before a stream's first event."""
    return sse.retry_line(RETRY_MILLISECONDS)


def pulse_event(relay: Relay) -> bytes:
    """Tell a page whether changes are pushed or read from the store, and why jobs wait if so."""
    body = {"redis": relay.pulse, "reason": relay.reason}
    return sse.encode_json("relay", dumps(body).encode())


def drained() -> bytes:
    """The last words of a server that goes; no `end`, for what was watched goes on."""
    return sse.retry_line(random.randint(*DRAIN_MILLISECONDS)) + HEARTBEAT
