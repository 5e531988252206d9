"""Waiting for the store and for Redis at a process' start, saying for what."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import redis

from headway.addresses import without_password
from headway.broker.connection import NOTHING, connect
from headway.broker.refusals import why
from headway.errors import StoreUnavailable
from headway.extras import require
from headway.settings import Settings
from headway.store.schema import ensure_schema, store_name

# Seconds between two looks, and between two lines that say so.
LOOK_SECONDS = 0.2
SAY_SECONDS = 5.0

log = logging.getLogger(__name__)


def wait_for_store(settings: Settings) -> None:
    """Return when the store is there and up to date.

    Raises MissingExtra for a store on PostgreSQL without its driver.
    """
    if settings.on_postgresql:
        require("postgres", "psycopg")
    _wait(lambda: ensure_schema(settings), f"the store {store_name(settings)}")


def wait_for_redis(settings: Settings) -> None:
    """Return when Redis answers, and takes writes: no worker can live in one that does not."""

    def try_to_write() -> None:
        with connect(settings.redis_url) as connection:
            connection.setrange(NOTHING, 0, "")

    _wait(try_to_write, f"Redis at {without_password(settings.redis_url)}", settings.redis_url)


def _wait(attempt: Callable[[], object], what: str, redis_url: str = "") -> None:
    said, said_at = "", 0.0
    while True:
        try:
            attempt()
        except (StoreUnavailable, redis.RedisError) as error:
            trouble = why(error, redis_url) if isinstance(error, redis.RedisError) else str(error)
            if trouble != said or time.monotonic() - said_at > SAY_SECONDS:
                log.info("waiting for %s: %s", what, trouble)
                said, said_at = trouble, time.monotonic()
            time.sleep(LOOK_SECONDS)
        else:
            return
