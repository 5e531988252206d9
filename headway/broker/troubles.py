"""Troubles with one thing among many that are looked after in turn: told, once, and passed over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import redis

from headway.broker.refusals import why
from headway.errors import StoreUnavailable

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
        say_once(f"job {job_id} cannot be looked after: {type(error).__name__}: {error}")


@lru_cache(maxsize=100)  # though it is tried again each second
def say_once(trouble: str) -> None:
    """Log a trouble, unless this process has done so."""
    log.error("%s", trouble)


class Told:
    """Which troubles of which duty were told: each once, until the duty is done again."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._told: dict[str, str] = {}

    @contextmanager
    def trouble_with(self, duty: str) -> Iterator[None]:
        """Tell what is wrong with a duty and go on to the next one.

        A store that is away is everybody's trouble, and raised.
        """
        try:
            yield
        except StoreUnavailable:
            raise
        except redis.RedisError as error:
            self.tell_redis(duty, error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the other duties wait for their turn
            self.tell(duty, f"{type(error).__name__}: {error}", traceback=True)
        else:
            self.clear(duty)

    def tell(self, duty: str, trouble: str, *, traceback: bool = False) -> None:
        """Log a trouble that is another than the last one of this duty."""
        if self._told.get(duty) != trouble:
            log.error("%s: %s", duty, trouble, exc_info=traceback)
            self._told[duty] = trouble

    def tell_redis(self, duty: str, error: redis.RedisError) -> None:
        """The same, in a sentence, for what Redis refuses."""
        self.tell(duty, why(error, self._redis_url))

    def clear(self, duty: str) -> None:
        """The duty is done; what was wrong with it is over."""
        if self._told.pop(duty, None) is not None:
            log.info("%s: goes on", duty)
