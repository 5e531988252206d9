"""Requests as bytes, for those that no HTTP client would send."""

from __future__ import annotations

import asyncio

SECONDS = 20


async def told(port: int, sent: bytes) -> bytes:
    """Everything that is answered until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        async with asyncio.timeout(SECONDS):
            return await reader.read()
    finally:
        writer.close()


def asking(target: str = "/healthz", *headers: str, method: str = "GET") -> bytes:
    """A request without a body, which closes its connection."""
    head = (f"{method} {target} HTTP/1.1", *(headers or ("Host: localhost",)), "Connection: close")
    return "\r\n".join((*head, "", "")).encode("latin1")


def status_of(answer: bytes) -> int:
    """The status of the first answer, 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
