"""HTTP/1.1 as clients of it expect it: no HTTP/2, for Hypercorn buffers that without bound, and a
body that is too large is heard out before it is refused."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart import Quart

ONE = frozenset({"1.0", "1.1"})
TOO_LARGE = 413
# How long, in seconds, a body that is too large may go on before its client is cut off.
HEARING_SECONDS = 10.0
REFUSED = b"HTTP/2 is for the proxy in front of this server.\n"


def only_http1(app: Quart) -> Any:
    """The app behind a door that lets no HTTP/2 in."""

    async def door(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and scope["http_version"] not in ONE:
            await send(
                {"type": "http.response.start", "status": 505, "headers": [], "trailers": False}
            )
            await send({"type": "http.response.body", "body": REFUSED, "more_body": False})
            return
        await app(scope, *_heard_out(receive, send))

    return door


def _heard_out(
    receive: ASGIReceiveCallable, send: ASGISendCallable
) -> tuple[ASGIReceiveCallable, ASGISendCallable]:
    """Hold a refusal of a body's length back until the body has come, which Quart throws away.

    A server that answers and closes while a client is sending resets the connection, and curl
    shows that instead of the answer.
    """
    heard = asyncio.Event()

    async def hear() -> Any:
        message = await receive()
        if message["type"] != "http.request" or not message["more_body"]:
            heard.set()
        return message

    async def say(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] == TOO_LARGE:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARING_SECONDS):
                    await heard.wait()
        await send(message)

    return hear, say
