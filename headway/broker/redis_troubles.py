"""Troubles that recur at every try: logged once, and tolerated until they are over."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import redis

from headway.broker.redis_refusals import why
from headway.errors import StoreUnavailable

# Troubles that are remembered as logged; a job that cannot be repaired is tried every second.
REMEMBERED = 10_000
# Seconds for which Redis is left alone after it failed.
PAUSE_SECONDS = 1.0
# Redis' answer where one of RQ's keys holds a value of another type.
WRONG_TYPE = "WRONGTYPE"

log = logging.getLogger(__name__)


@lru_cache(maxsize=REMEMBERED)
def log_once(trouble: str) -> None:
    """Log a trouble, unless this process has already done so."""
    log.error("%s", trouble)


@contextmanager
def redis_may_fail(consequence: str, level: int = logging.WARNING) -> Iterator[None]:
    """Log a RedisError, with its `consequence`, and go on after the block."""
    try:
        yield
    except redis.RedisError as error:
        log.log(level, "%s: %s", consequence, error)


class TroubleLog:
    """Logs what goes wrong with each duty once, until the duty is done again."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        # What was logged last, by its duty.
        self._logged: dict[str, str] = {}

    @contextmanager
    def log_and_continue(self, duty: str, *, one_of_many: bool = False) -> Iterator[None]:
        """Log what goes wrong with a duty and go on to the next one.

        Raises StoreUnavailable, and redis.RedisError for a job that is `one_of_many`: the others
        have the same trouble. Of what is wrong with such a job only the first is logged.
        """
        try:
            yield
        except StoreUnavailable:
            raise
        except redis.RedisError as error:
            if one_of_many and not str(error).startswith(WRONG_TYPE):
                raise
            self.log_redis(duty, error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next duty has its turn
            if not one_of_many or duty not in self._logged:
                self.log(duty, f"{type(error).__name__}: {error}", traceback=True)
        else:
            self.clear(duty)

    def log(self, duty: str, trouble: str, *, traceback: bool = False) -> None:
        """Log a trouble that differs from the last one of this duty."""
        if self._logged.get(duty) != trouble and len(self._logged) < REMEMBERED:
            log.error("%s: %s", duty, trouble, exc_info=traceback)
            self._logged[duty] = trouble

    def log_redis(self, duty: str, error: redis.RedisError) -> None:
        """The same in a sentence for what Redis refuses."""
        self.log(duty, why(error, self._redis_url))

    def clear(self, duty: str) -> None:
        """The duty is done; its trouble is over."""
        if self._logged.pop(duty, None) is not None:
            log.info("%s: goes on", duty)


class CircuitBreaker:
    """Leaves Redis alone for a while after it failed, so that each caller is answered at once.

    Callers check `open_until`, a time of the monotonic clock, before they send a command.
    """

    def __init__(self, duty: str, redis_url: str) -> None:
        self._duty = duty
        self._troubles = TroubleLog(redis_url)
        self.open_until = 0.0

    def failed(self, error: redis.RedisError) -> None:
        """A command failed: logged once for each trouble, and none is sent for PAUSE_SECONDS."""
        self._troubles.log_redis(self._duty, error)
        self.open_until = time.monotonic() + PAUSE_SECONDS

    def succeeded(self) -> None:
        """A command got through."""
        self._troubles.clear(self._duty)
        self.open_until = 0.0
