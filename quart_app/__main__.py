"""`python -m quart_app`: serve, and end within a second when asked to."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from quart import Quart

from headway.availability import wait_for_store
from headway.settings import Settings, load_settings
from headway.store.schema import warn_of_old_sqlite
from headway.terminal import log_to_terminal
from quart_app import create_app
from quart_app.door.asgi import door
from quart_app.guests import EXTENSION as GUESTS
from quart_app.server.descriptors import raise_limit, within_descriptors
from quart_app.server.http1 import only_http1
from quart_app.server.listening import StreamConfig, check_address
from quart_app.services import EXTENSION

# Connections that may wait to be accepted: browsers come back all at once after a restart.
BACKLOG = 4096
# An idle connection is kept this long, in seconds. Clients give theirs up after 4 (Node), 5
# (httpx) or 15 (aiohttp); a server that closes first loses the request that is on its way.
KEEP_ALIVE_SECONDS = 20
# These may ask for the end any number of times.
SIGNALS = (signal.SIGTERM, signal.SIGINT)
# How long, in seconds, streams have to say goodbye, and connections after that.
DRAIN_SECONDS = 0.5
GRACE_SECONDS = 0.2
# If the loop has not ended by then, in seconds, the process ends all the same.
LAST_RESORT_SECONDS = 5.0

log = logging.getLogger(__name__)


def main() -> None:
    """Wait for the store, then serve until SIGTERM or SIGINT."""
    log_to_terminal()
    raise_limit()
    settings = within_descriptors(load_settings())
    check_address(settings)
    warn_of_old_sqlite(settings)
    wait_for_store(settings)
    app = create_app(settings)
    config = _config(settings)
    invitations = (guest.invitation for guest in app.extensions[GUESTS])
    config.invitation = next(filter(None, invitations), config.invitation)
    asyncio.run(_serve(app, config, settings.url_prefix))


def _config(settings: Settings) -> StreamConfig:
    only_http1()
    config = StreamConfig()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    config.bind = [f"{host}:{settings.port}"]
    config.prefix = settings.url_prefix
    config.backlog = BACKLOG
    config.alpn_protocols = ["http/1.1"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.graceful_timeout = GRACE_SECONDS
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn")
    logging.getLogger("hypercorn").setLevel(logging.WARNING)
    return config


async def _serve(app: Quart, config: Config, prefix: str) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Not the loop's own handlers: it takes them away when it closes, and a second signal would
    # end the process then, with another exit code.
    for number in SIGNALS:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(asked.set))

    async def trigger() -> None:
        await asked.wait()
        await _drain(app)

    asgi = cast(ASGIFramework, door(app, prefix))
    try:
        await serve(asgi, config, shutdown_trigger=cast(Callable[..., Awaitable[None]], trigger))
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


async def _drain(app: Quart) -> None:
    """End the streams before the server does: on Python 3.12 and up it would wait for them."""
    # A client that does not read holds its connection; it cannot hold the process.
    asyncio.get_running_loop().call_later(LAST_RESORT_SECONDS, os._exit, 0)
    hub = app.extensions[EXTENSION].hub
    hub.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            await hub.empty.wait()


if __name__ == "__main__":
    main()
