"""The subscription's end: nothing stays open, and what ended it is what its caller sees."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from headway.broker.connection import connected
from quart_app.live.subscription import RedisAway, subscribe
from tests.support.valkey import Valkey
from tests.support.waiting import eventually_async

CHANNEL = "a-channel"


def _subscribers(valkey: Valkey) -> int:
    with connected(valkey.url) as redis:
        return int(redis.pubsub_numsub(CHANNEL)[0][1])


@pytest.fixture(params=[RedisConnectionError("gone"), RuntimeError("a fault of redis-py")], ids=str)
def bad_close(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscription that cannot be closed in good order."""

    async def fail(_: PubSub) -> None:
        raise request.param

    monkeypatch.setattr(PubSub, "aclose", fail)


@pytest.mark.parametrize("ended_by", [ZeroDivisionError(), RedisAway("frozen")], ids=repr)
async def test_a_bad_close_hides_nothing_and_leaves_nothing_open(
    valkey: Valkey, bad_close: None, ended_by: Exception
) -> None:
    with pytest.raises(type(ended_by)) as seen:
        async with subscribe(valkey.url, CHANNEL) as subscription:
            await subscription.next()
            assert _subscribers(valkey) == 1
            raise ended_by

    assert seen.value is ended_by
    await eventually_async(lambda: _subscribers(valkey) == 0)


async def test_a_cancel_during_the_close_still_closes_the_rest_and_is_not_swallowed(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = asyncio.Event()

    async def hang(_: PubSub) -> Any:
        closing.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(PubSub, "aclose", hang)

    async def listen() -> None:
        async with subscribe(valkey.url, CHANNEL) as subscription:
            await subscription.next()

    task = asyncio.create_task(listen())
    await asyncio.wait_for(closing.wait(), 20)
    task.cancel()
    await asyncio.wait([task], timeout=20)

    assert task.cancelled()
    await eventually_async(lambda: _subscribers(valkey) == 0)
