"""Availability: retry while the store or Redis cannot be used, and log what is waited for."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

import redis

from headway.addresses import without_password
from headway.broker.connection import NOTHING, connect
from headway.broker.redis_refusals import why
from headway.errors import StoreLost, StoreUnavailable
from headway.extras import require
from headway.settings import Settings
from headway.store.schema import ensure_schema

# How long, in seconds over all tries, the start or end of a job waits for the store: finished work
# is not given up before a person had time to make room on a full disk.
LONGEST_SECONDS = 3_600
# Seconds between two tries, and between two lines in the log that say the same.
RETRY_SECONDS = 0.2
SAY_SECONDS = 5.0

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


def retry_until_available(
    act: Callable[[], Answer],
    what: str = "the store",
    *,
    seconds: float = LONGEST_SECONDS,
    redis_url: str = "",
    level: int = logging.WARNING,
) -> Answer:
    """Return what `act` returns once the store can be used; with `redis_url`, once Redis can.

    Raises StoreUnavailable (or redis.RedisError) after `seconds`, and StoreLost at once: this
    process cannot use the store any more.
    """
    unavailable: type[Exception] = redis.RedisError if redis_url else StoreUnavailable
    give_up, said, said_at = time.monotonic() + seconds, "", 0.0
    while True:
        try:
            return act()
        except StoreLost:
            raise
        except unavailable as error:
            if time.monotonic() >= give_up:
                raise
            trouble = why(error, redis_url) if redis_url else str(error)
            if trouble != said or time.monotonic() - said_at > SAY_SECONDS:
                log.log(level, "waiting for %s: %s", what, trouble)
                said, said_at = trouble, time.monotonic()
            time.sleep(RETRY_SECONDS)


def wait_for_store(settings: Settings) -> None:
    """Return when the store is there and up to date.

    Raises MissingExtra for a store on PostgreSQL without its driver.
    """
    if settings.on_postgresql:
        require("postgres", "psycopg")
    retry_until_available(
        lambda: ensure_schema(settings),
        f"the store {settings.store_name}",
        seconds=math.inf,
        level=logging.INFO,
    )


def wait_for_redis(settings: Settings) -> None:
    """Return when Redis answers and takes writes: no worker can live in one that does not."""

    def try_to_write() -> None:
        with connect(settings.redis_url) as connection:
            connection.setrange(NOTHING, 0, "")

    url = settings.redis_url
    what = f"Redis at {without_password(url)}"
    retry_until_available(try_to_write, what, seconds=math.inf, redis_url=url, level=logging.INFO)
