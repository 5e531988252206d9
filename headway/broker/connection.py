"""Connections to the Redis at `REDIS_URL`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# Made once: redis-py would look up its own version on the disk for every client, which takes 2 ms
# of each work-horse. Versions before 7.1 do not, and have no name for it.
_OPTIONS = {"driver_info": redis.DriverInfo()} if hasattr(redis, "DriverInfo") else {}
# How long, in seconds, a request waits for Redis before the job is left to the reconciler.
REDIS_SECONDS = 0.5
# A key that never exists: writing no bytes to it shows whether Redis takes writes.
NOTHING = "rq:headway:nothing"


def connect(redis_url: str, *, seconds: float = REDIS_SECONDS) -> redis.Redis:
    """A connection whose every command answers or raises within `seconds` or so."""
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 1),
        **_OPTIONS,
    )


@contextmanager
def connected(redis_url: str) -> Iterator[redis.Redis]:
    """The same for the length of a `with`."""
    connection = connect(redis_url)
    try:
        yield connection
    finally:
        connection.close()
