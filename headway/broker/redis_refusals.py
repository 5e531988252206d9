"""Refusals of Redis: each in a sentence that says what to do about it."""

from __future__ import annotations

import redis
from redis import exceptions
from rq.suspension import WORKERS_SUSPENDED as SUSPENSION_KEY

from headway.addresses import without_password

__all__ = ["CROWDED", "SUSPENDED", "SUSPENSION_KEY", "why", "why_not_now"]

AWAY = "Redis is away; try again later."

SUSPENDED = "The workers are suspended: `rq resume` lets them go on."

# What Redis answers at its maxclients; redis-py takes it for a failed connection.
CROWDED = "max number of clients"

# The sentence for each error of redis-py; the first that fits.
_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (
        exceptions.AuthenticationError,
        "Redis refuses the password: put the right one into REDIS_URL, as"
        " redis://:password@127.0.0.1:6379/0 or redis://user:password@127.0.0.1:6379/0.",
    ),
    (
        exceptions.OutOfMemoryError,
        "Redis is full and takes no jobs: raise its maxmemory, or remove what is not needed.",
    ),
    (
        exceptions.ReadOnlyError,
        "Redis takes no writes because it is a read-only replica: set REDIS_URL to the primary, or"
        " run REPLICAOF NO ONE on it.",
    ),
    (
        exceptions.BusyLoadingError,
        "Redis is loading its data from disk and will answer when that is done.",
    ),
)
# The sentence for answers without an error of their own, by their beginning.
_SAID = {
    "MISCONF": "Redis takes no writes because it cannot save to its disk: free some space, or run"
    " CONFIG SET stop-writes-on-bgsave-error no.",
    CROWDED: "Redis takes no more connections: raise its maxclients.",
}


def why(error: BaseException, redis_url: str = "") -> str:
    """The sentence for what redis-py raised, with the address if one is given."""
    said = str(error).rstrip(".")
    where = f"Redis at {without_password(redis_url)}" if redis_url else "Redis"
    known = [sentence for kind, sentence in _SENTENCES if isinstance(error, kind)]
    known += [sentence for beginning, sentence in _SAID.items() if said.startswith(beginning)]
    if known:
        return known[0]
    if isinstance(error, exceptions.NoPermissionError):
        return (
            f"Redis does not let this user do what Headway needs ({said}): allow it, as with ACL"
            " SETUSER name ~rq:* &rq:* &headway:* +@all."
        )
    if isinstance(error, redis.ResponseError):
        return f"Redis refuses to work: {said}."
    if isinstance(error, redis.TimeoutError | TimeoutError):
        return f"{where} does not answer: check it, or correct REDIS_URL."
    return f"{where} cannot be reached: start it, or correct REDIS_URL."


def why_not_now(error: redis.RedisError) -> str:
    """The sentence for a person who can only try again, or ask for help."""
    away = isinstance(error, redis.ConnectionError | redis.TimeoutError)
    return AWAY if away and not isinstance(error, redis.AuthenticationError) else why(error)
