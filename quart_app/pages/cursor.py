"""Where the changes stand as a page is drawn: static/feed.js listens from there on."""

from __future__ import annotations

from quart_app.live.backend import backend
from quart_app.live.event_id import Position


def cursor() -> str:
    """The relay's position; taken before a page reads its rows, so that nothing falls between."""
    relay = backend().relay
    return str(Position(relay.epoch, relay.cursor))
