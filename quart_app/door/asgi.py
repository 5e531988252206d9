"""The app as the server calls it: a body that is too large is heard out before it is refused, and
what a request took is given back when it is over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart import Quart

from quart_app.live.stream_slots import give_back

TOO_LARGE = 413
# How long, in seconds, a body that is too large may go on before its client is cut off.
HEARING_SECONDS = 10.0


def door(app: Quart) -> Any:
    """The app behind its door."""

    async def come_in(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        try:
            await app(scope, *_heard_out(receive, send))
        finally:
            give_back(scope)

    return come_in


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
