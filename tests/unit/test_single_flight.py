"""A value that many ask for at once is read once for all of them."""

from __future__ import annotations

import asyncio

import pytest

from quart_app.live.single_flight import SingleFlight


class Source:
    """Something that takes until it is let go to be read; counts its reads."""

    def __init__(self) -> None:
        self.reads = 0
        self.began, self.go_on = asyncio.Event(), asyncio.Event()
        self.error: Exception | None = None

    async def read(self) -> int:
        self.reads += 1
        number = self.reads
        self.began.set()
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        return number


async def test_those_who_ask_during_a_read_share_the_next_one() -> None:
    source = Source()
    flight = SingleFlight(source.read)
    first = asyncio.create_task(flight())
    await source.began.wait()
    others = [asyncio.create_task(flight()) for _ in range(5)]
    await asyncio.sleep(0)
    source.go_on.set()

    assert [await task for task in (first, *others)] == [1, 2, 2, 2, 2, 2]


async def test_a_value_is_good_for_its_time() -> None:
    source = Source()
    source.go_on.set()

    assert [await SingleFlight(source.read, max_age=60)() for _ in range(2)] == [1, 2]
    kept = SingleFlight(source.read, max_age=60)
    assert [await kept() for _ in range(3)] == [3, 3, 3]


async def test_an_error_goes_to_all_who_shared_the_read_and_is_not_kept() -> None:
    source = Source()
    flight = SingleFlight(source.read, max_age=60)
    first = asyncio.create_task(flight())
    await source.began.wait()
    others = [asyncio.create_task(flight()) for _ in range(3)]
    await asyncio.sleep(0)
    source.error = ZeroDivisionError()
    source.go_on.set()
    for task in (first, *others):
        with pytest.raises(ZeroDivisionError):
            await task
    source.error = None

    assert await flight() == 3


async def test_a_reader_that_is_cancelled_leaves_the_read_to_the_next() -> None:
    source = Source()
    flight = SingleFlight(source.read)
    first = asyncio.create_task(flight())
    await source.began.wait()
    second = asyncio.create_task(flight())
    await asyncio.sleep(0)
    first.cancel()
    source.go_on.set()

    assert await second == 2
    assert first.cancelled()
