"""The subscription: one connection that listens to the channel, and notices when it goes deaf."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from headway.broker.connection import NOTHING
from headway.broker.redis_refusals import SUSPENDED, SUSPENSION_KEY, why

# A message of our own goes through Redis and back this often, in seconds, and may take as long:
# a frozen Redis raises nothing.
PROBE_SECONDS = 1.0
COMMAND_SECONDS = 1.0

PROBE = b"p"

log = logging.getLogger(__name__)


class RedisAway(Exception):
    """Redis cannot be reached, or did not return our message in time."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why workers get no job although Redis answers: it refuses writes, or they are suspended."""

    refusal: str | None = None
    suspended: bool = False

    @property
    def reason(self) -> str | None:
        """The sentence to show."""
        return self.refusal or (SUSPENDED if self.suspended else None)


class Subscribed:
    """Redis confirmed the subscription: the first, or one after a connection lost in silence."""


class Subscription:
    """The messages of one channel, as long as Redis answers."""

    def __init__(
        self, connection: aioredis.Redis, pubsub: PubSub, channel: str, probe_seconds: float
    ) -> None:
        self._connection = connection
        self._pubsub = pubsub
        self._channel = channel
        self._probe_seconds = probe_seconds
        self._probe = b""
        self._probe_sent = 0.0
        self.hindrance = Hindrance()

    async def next(self) -> bytes | Subscribed | None:
        """The next message; None after a quiet while, so that the caller can check its own state.

        Raises RedisAway.
        """
        with _as_away():
            await self._send_probe()
            message = await self._pubsub.get_message(timeout=self._probe_seconds / 2)
        _heed_cancel()
        return None if message is None else self._content(message)

    def _content(self, message: dict[str, Any]) -> bytes | Subscribed | None:
        if message["type"] == "subscribe":
            return Subscribed()
        if message["type"] != "message":
            return None
        data: bytes = message["data"]
        if not data.startswith(PROBE):
            return data
        if data == self._probe:
            self._probe = b""
        return None

    async def _send_probe(self) -> None:
        if time.monotonic() - self._probe_sent <= self._probe_seconds:
            return
        if self._probe:
            raise TimeoutError("a message did not come back in time")
        self._probe = PROBE + secrets.token_hex(4).encode()
        self._probe_sent = time.monotonic()
        await self._connection.publish(self._channel, self._probe)
        self.hindrance = await self._found_hindrance()

    async def _found_hindrance(self) -> Hindrance:
        async with self._connection.pipeline(transaction=False) as pipeline:
            pipeline.setrange(NOTHING, 0, "")
            pipeline.exists(SUSPENSION_KEY)
            written, suspended = await pipeline.execute(raise_on_error=False)
        refused = isinstance(written, Exception)
        return Hindrance(why(written) if refused else None, suspended == 1)


@asynccontextmanager
async def subscribe(
    url: str, channel: str, *, probe_seconds: float = PROBE_SECONDS
) -> AsyncIterator[Subscription]:
    """A subscription to a channel for the length of a `with`. Raises RedisAway."""
    async with AsyncExitStack() as stack:
        stack.callback(_heed_cancel)
        connection = aioredis.Redis.from_url(
            url,
            socket_timeout=COMMAND_SECONDS,
            socket_connect_timeout=COMMAND_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        stack.push_async_callback(_close, connection)
        pubsub = connection.pubsub()
        stack.push_async_callback(_close, pubsub)
        with _as_away():
            await pubsub.subscribe(channel)
        yield Subscription(connection, pubsub, channel, probe_seconds)


async def _close(part: PubSub | aioredis.Redis) -> None:
    """Close one part and raise nothing: the other has to be closed too, and an exception from here
    would hide the one that ended the subscription.
    """
    try:
        await part.aclose()
    except Exception as error:  # noqa: BLE001  # redis-py may raise any when it closes
        log.debug("the subscription closed badly: %s", error)


@contextmanager
def _as_away() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        _heed_cancel()
        raise RedisAway(why(error)) from error


def _heed_cancel() -> None:
    # Before Python 3.12 asyncio.wait_for, with which redis-py sends, loses a cancel that arrives
    # just as the sending completes; the task remembers it.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
