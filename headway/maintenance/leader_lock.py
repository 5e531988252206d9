"""The leader lock: of all reconcilers of a store, one at a time holds it in Redis."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from typing import Any

import redis

# Below `rq:`, for a Redis may let its users have no other keys.
NAME = "rq:headway:{duty}:{epoch}"
# Life of the lock, in milliseconds: a leader that died is replaced after this long.
LOCK_MILLISECONDS = 5_000

log = logging.getLogger(__name__)


class LeaderLock:
    """Elects the leader among one store's reconcilers, from one call of `hold` to the next.

    It needs no script, which a Redis may forbid. So it may change hands between a look and the
    next command; a second leader does no harm.
    """

    def __init__(self, connection: Any, epoch: str, duty: str = "reconciler") -> None:
        self._redis = connection
        self._name = NAME.format(duty=duty, epoch=epoch)
        self._token = secrets.token_hex(8)
        self._held = False

    def hold(self) -> bool:
        """Take or keep the lock; False while another process has it. Raises redis.RedisError."""
        held = bool(self._redis.set(self._name, self._token, nx=True, px=LOCK_MILLISECONDS))
        if not held and self._is_ours():
            held = bool(self._redis.pexpire(self._name, LOCK_MILLISECONDS))
        if held != self._held:
            log.debug("%s is %s", self._name, "ours" if held else "another process's")
        self._held = held
        return held

    def release(self) -> None:
        """Give the lock up; one that cannot be reached runs out by itself."""
        with suppress(redis.RedisError):
            if self._is_ours():
                self._redis.delete(self._name)

    def _is_ours(self) -> bool:
        return bool(self._redis.get(self._name) == self._token.encode())
