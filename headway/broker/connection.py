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
# Where an application has said it itself.
_SAID = frozenset({"driver_info", "lib_name", "lib_version"})
# Where its own classes of connections are; another may not take what those take.
OF_REDIS_PY = "redis.connection"
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


def spare_lookups(connection: redis.Redis) -> None:
    """Let an application's client not look that up either: each work-horse opens a connection."""
    pool = connection.connection_pool
    if _SAID.isdisjoint(pool.connection_kwargs) and pool.connection_class.__module__ == OF_REDIS_PY:
        pool.connection_kwargs.update(_OPTIONS)


@contextmanager
def connected(redis_url: str) -> Iterator[redis.Redis]:
    """The same for the length of a `with`."""
    connection = connect(redis_url)
    try:
        yield connection
    finally:
        connection.close()
