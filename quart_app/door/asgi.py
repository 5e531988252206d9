"""The app as the server calls it: at its place on the site, a body that is too large is read to its
end before it is refused, and what a request took is given back when it is over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart import Quart

from quart_app.addresses import under
from quart_app.door.placing import placed
from quart_app.door.request_parsing import WITHOUT_BODY
from quart_app.live.stream_slots import give_back

TOO_LARGE = 413
# What stands for itself in the path of an address (RFC 3986, 3.3).
IN_A_PATH = "/-._~!$&'()*+,;=:@"
# How long, in seconds, a body that is too large may go on before its client is cut off.
READING_SECONDS = 10.0


def door(app: Quart, prefix: str = "") -> Any:
    """The app as it is served, under the `prefix` that the settings say or the site's own."""

    async def come_in(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        scope = placed(app, scope, prefix)
        if scope["method"] not in WITHOUT_BODY:
            receive, send = _read_before_refused(receive, send)
        try:
            with under(quote(scope.get("root_path", ""), safe=IN_A_PATH)):
                await app(scope, receive, send)
        finally:
            give_back(scope)

    return come_in


def _read_before_refused(
    receive: ASGIReceiveCallable, send: ASGISendCallable
) -> tuple[ASGIReceiveCallable, ASGISendCallable]:
    """Hold back a refusal for a body's length until the body has come.

    Quart answers 413 and reads on, but Hypercorn closes the connection behind an answer. Closing
    while a client is sending resets the connection, and curl shows that instead of the answer.
    """
    is_read = asyncio.Event()

    async def receive_on() -> Any:
        message = await receive()
        if message["type"] != "http.request" or not message["more_body"]:
            is_read.set()
        return message

    async def send_later(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] == TOO_LARGE:
            with suppress(TimeoutError):
                async with asyncio.timeout(READING_SECONDS):
                    await is_read.wait()
        await send(message)

    return receive_on, send_later
