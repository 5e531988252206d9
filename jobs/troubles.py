"""Troubles with one job among many that are looked after in turn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import redis

from jobs.errors import StoreUnavailable

log = logging.getLogger(__name__)


@contextmanager
def not_alone(job_id: str) -> Iterator[None]:
    """Say what is wrong with this job and go on: the others wait for their turn.

    A store or a Redis that is away is everybody's trouble, and raised.
    """
    try:
        yield
    except (StoreUnavailable, redis.RedisError):
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it would stop every repair
        _say(job_id, f"{type(error).__name__}: {error}")


@lru_cache(maxsize=100)  # once, though it is tried again each second
def _say(job_id: str, trouble: str) -> None:
    log.error("job %s cannot be looked after: %s", job_id, trouble)
