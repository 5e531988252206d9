"""Why Redis does not do what it is asked for, in a sentence that says what to do about it."""

from __future__ import annotations

import redis
from redis import exceptions
from rq.suspension import WORKERS_SUSPENDED as SUSPENSION_KEY

from headway.addresses import without_password

__all__ = ["CROWDED", "SUSPENDED", "SUSPENSION_KEY", "why"]

SUSPENDED = "The workers are suspended: `rq resume` lets them go on."

# What a Redis says whose maxclients is reached; to redis-py it is a connection that failed.
CROWDED = "max number of clients"

# Which errors redis-py makes of what Redis refuses; the first that fits.
_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (
        exceptions.AuthenticationError,
        "Redis refuses the password: put the right one into REDIS_URL, as"
        " redis://:password@127.0.0.1:6379/0 or redis://user:password@127.0.0.1:6379/0.",
    ),
    (
        exceptions.OutOfMemoryError,
        "Redis is full and takes no jobs: raise its maxmemory, or remove what is not needed there.",
    ),
    (
        exceptions.ReadOnlyError,
        "Redis takes no writes, for it is a read-only replica: set REDIS_URL to the primary, or"
        " run REPLICAOF NO ONE on it.",
    ),
    (
        exceptions.BusyLoadingError,
        "Redis loads its data from its disk, and answers when that is done.",
    ),
)
# What it says itself where redis-py has no error of its own, by its beginning.
_SAID = {
    "MISCONF": "Redis takes no writes, for it cannot save to its disk: make room there, or run"
    " CONFIG SET stop-writes-on-bgsave-error no.",
    CROWDED: "Redis takes no more connections: raise its maxclients.",
}


def why(error: BaseException, redis_url: str = "") -> str:
    """The sentence for what redis-py raised; without the address where none is given."""
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
        return f"{where} does not answer: look after it, or correct REDIS_URL."
    return f"{where} cannot be reached: start it, or correct REDIS_URL."
