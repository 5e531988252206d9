"""Where the changes stand as a page is drawn: static/feed.js listens from there on."""

from __future__ import annotations

from quart_app.live.event import Position
from quart_app.services import services


def cursor() -> str:
    """The relay's position; taken before a page reads its rows, so that nothing falls between."""
    relay = services().relay
    return str(Position(relay.epoch, relay.cursor))
