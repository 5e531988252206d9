"""What a pipeline answers, where a key may be something else than RQ would have made it."""

from __future__ import annotations

from typing import Any

import redis
from redis.client import Pipeline


def answers(pipeline: Pipeline) -> list[Any]:
    """The answer to each command; None for a key of another type, which is not RQ's.

    Raises redis.RedisError.
    """
    found = pipeline.execute(raise_on_error=False)
    for answer in found:
        if isinstance(answer, redis.RedisError) and not _is_of_another_type(answer):
            raise answer
    return [None if isinstance(answer, redis.RedisError) else answer for answer in found]


def _is_of_another_type(error: redis.RedisError) -> bool:
    return str(error).startswith("WRONGTYPE")
