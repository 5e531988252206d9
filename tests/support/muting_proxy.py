"""A way to Redis that can fall silent for subscriptions only, with every connection open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK_BYTES = 65_536


class MutingProxy:
    """Passes bytes between clients and a Redis on this machine."""

    def __init__(self, redis_port: int) -> None:
        self._redis_port = redis_port
        self.muted = False
        self.port = 0

    @property
    def url(self) -> str:
        """The Redis as it is seen through here."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, until either side leaves."""
        upstream = await asyncio.open_connection("127.0.0.1", self._redis_port)
        subscribing = asyncio.Event()
        ways = (
            self._pass_on(reader, upstream[1], subscribing, listens=True),
            self._pass_on(upstream[0], writer, subscribing, listens=False),
        )
        await asyncio.gather(*ways)

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        subscribing: asyncio.Event,
        *,
        listens: bool,
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if listens and b"SUBSCRIBE" in data:
                    subscribing.set()
                if not listens and self.muted and subscribing.is_set():
                    continue
                sink.write(data)
                await sink.drain()
        sink.close()


@asynccontextmanager
async def muting_proxy(redis_port: int) -> AsyncIterator[MutingProxy]:
    """A proxy for the length of a `with`."""
    proxy = MutingProxy(redis_port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
