"""The subscription: one connection that listens to the channel, and notices when it is deaf.

It knows neither the store nor what a message means.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from headway.broker.connection import NOTHING
from headway.broker.refusals import SUSPENDED, SUSPENSION_KEY, why

# A message of our own goes round through Redis this often, and has as long to come back, in
# seconds: a frozen Redis raises nothing.
PROBE_SECONDS = 1.0
# Time limit of a command, in seconds, and of a try to connect.
COMMAND_SECONDS = 1.0

PROBE = b"p"

log = logging.getLogger(__name__)


class RedisAway(Exception):
    """Redis cannot be reached, or took a message and did not give it back in time."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why the workers get nothing from a Redis that is there: it refuses, or they are suspended."""

    refusal: str | None = None
    suspended: bool = False

    @property
    def reason(self) -> str | None:
        """The sentence for people."""
        return self.refusal or (SUSPENDED if self.suspended else None)


class Begun:
    """The subscription begins here, for the first time or after a connection lost in silence."""


class Subscription:
    """What comes on one channel, as long as Redis is there."""

    def __init__(self, connection: aioredis.Redis, pubsub: PubSub, channel: str) -> None:
        self._connection = connection
        self._pubsub = pubsub
        self._channel = channel
        self._probe = b""
        self._probe_sent = 0.0
        self.hindrance = Hindrance()

    async def next(self) -> bytes | Begun | None:
        """The next message; None after a quiet while, so that the caller may look around.

        Raises RedisAway.
        """
        with _as_away():
            await self._send_probe()
            message = await self._pubsub.get_message(timeout=PROBE_SECONDS / 2)
        _heed_cancel()
        return None if message is None else self._content(message)

    def _content(self, message: dict[str, Any]) -> bytes | Begun | None:
        if message["type"] == "subscribe":
            return Begun()
        if message["type"] != "message":
            return None
        data: bytes = message["data"]
        if not data.startswith(PROBE):
            return data
        if data == self._probe:
            self._probe = b""
        return None

    async def _send_probe(self) -> None:
        silence = time.monotonic() - self._probe_sent
        if self._probe and silence > PROBE_SECONDS:
            raise TimeoutError("a message did not come back in time")
        if not self._probe and silence > PROBE_SECONDS:
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
async def subscribed(url: str, channel: str) -> AsyncIterator[Subscription]:
    """A subscription to a channel for the length of a `with`. Raises RedisAway."""
    connection = aioredis.Redis.from_url(
        url,
        socket_timeout=COMMAND_SECONDS,
        socket_connect_timeout=COMMAND_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    pubsub = connection.pubsub()
    try:
        with _as_away():
            await pubsub.subscribe(channel)
        yield Subscription(connection, pubsub, channel)
    finally:
        try:
            await _close(pubsub)
        finally:  # also when a cancel comes just then
            await _close(connection)
        _heed_cancel()


async def _close(part: PubSub | aioredis.Redis) -> None:
    """Let go of one part, whatever it says: the other has to be closed too, and an exception
    from here would hide the one that ended the subscription.
    """
    try:
        await part.aclose()
    except Exception as error:  # noqa: BLE001  # redis-py closes a broken connection with any
        log.debug("the subscription closed badly: %s", error)


@contextmanager
def _as_away() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        _heed_cancel()
        raise RedisAway(why(error)) from error


def _heed_cancel() -> None:
    # Before Python 3.12 asyncio.wait_for, with which redis-py sends, loses a cancel that comes
    # when the sending is just done; the task remembers it.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
