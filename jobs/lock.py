"""The reconciler's lock: one process on all machines holds it, and notices when it lost it."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from typing import Any

import redis

NAME = "headway:reconciler:{epoch}"
# Life of the lock, in milliseconds: a holder that died is followed after this long.
LOCK_MILLISECONDS = 5_000

# Only the holder's own token removes the lock, or renews it.
_RELEASE = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end"
_RENEW = (
    "if redis.call('get',KEYS[1])==ARGV[1] then"
    " return redis.call('pexpire',KEYS[1],ARGV[2]) end return 0"
)

log = logging.getLogger(__name__)


class Lock:
    """A lock of one store, held from one call of `hold` to the next, for seconds at most."""

    def __init__(self, connection: Any, epoch: str) -> None:
        self._redis = connection
        self._name = NAME.format(epoch=epoch)
        self._token = secrets.token_hex(8)
        self._held = False

    def hold(self) -> bool:
        """Take the lock, or keep it; False while somebody else has it. Raises redis.RedisError."""
        renewed = self._redis.eval(_RENEW, 1, self._name, self._token, LOCK_MILLISECONDS)
        held = bool(renewed) or bool(
            self._redis.set(self._name, self._token, nx=True, px=LOCK_MILLISECONDS)
        )
        if held != self._held:
            log.info("the reconciler's lock is %s", "ours" if held else "somebody else's")
        self._held = held
        return held

    def release(self) -> None:
        """Let go of it; one that cannot be reached runs out by itself."""
        with suppress(redis.RedisError):
            self._redis.eval(_RELEASE, 1, self._name, self._token)
