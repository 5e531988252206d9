"""Changes in transit: the channel's name, the message and the publisher.

Publishing is a hint (the store is the truth): a lost message costs freshness, nothing else.
"""

from __future__ import annotations

import json
from contextlib import suppress
from time import monotonic
from typing import Self

import redis

from headway.broker.connection import connect
from headway.broker.redis_troubles import CircuitBreaker
from headway.model.record import JsonDict, Record, dumps

# How long, in seconds, one publish may hold up the job that reports.
PUBLISH_SECONDS = 0.25

# What the log says when that fails.
PUBLISHING = "changes are stored but not published"

DELETED = b"d"
CHANGED = b"c"


def channel(epoch: str) -> str:
    """The channel of one store's changes: stores that share a Redis do not hear each other."""
    return f"headway:changes:{epoch}"


def encode(record: Record) -> bytes:
    """A change as a message: a mark for a deletion or not, then the event's JSON."""
    return (DELETED if record.deleted else CHANGED) + dumps(record.to_event()).encode()


def decode(message: bytes) -> tuple[bool, bytes, JsonDict]:
    """The inverse: (deleted, the event's JSON as it is sent on, the same parsed).

    Raises ValueError for anything else.
    """
    mark, body = message[:1], message[1:]
    event = json.loads(body)
    if mark not in (DELETED, CHANGED) or not isinstance(event, dict) or "seq" not in event:
        raise ValueError("not a change")
    return mark == DELETED, body, event


class Publisher:
    """Publishes changes on its own connection, opened for the first one.

    Not on RQ's: a worker raises the timeout of the pool that it is given to minutes.
    """

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._breaker = CircuitBreaker(PUBLISHING, redis_url)
        self._redis: redis.Redis | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect now, if Redis answers, instead of with the first change."""
        with suppress(redis.RedisError):
            self._connection().ping()

    def publish(self, epoch: str, *records: Record) -> None:
        """Send changes to all watchers; never raises, waits PUBLISH_SECONDS or so at most."""
        if monotonic() < self._breaker.open_until:
            return
        try:
            with self._connection().pipeline(transaction=False) as pipeline:
                for record in records:
                    pipeline.publish(channel(epoch), encode(record))
                pipeline.execute()
        except redis.RedisError as error:
            self._breaker.failed(error)
        except BaseException:
            # RQ's timeout can strike between a command and its reply, which the next command must
            # not read.
            self.close()
            raise
        else:
            if self._breaker.open_until:
                self._breaker.succeeded()

    def close(self) -> None:
        """Close the connection; may be called twice."""
        if self._redis is not None:
            self._redis.close()
            self._redis = None

    def _connection(self) -> redis.Redis:
        if self._redis is None:
            self._redis = connect(self._url, seconds=PUBLISH_SECONDS)
        return self._redis
