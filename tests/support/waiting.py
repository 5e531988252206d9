"""Waiting for a fact, in tests: the only place that sleeps."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

Fact = TypeVar("Fact")

# Seconds between two looks.
LOOK_SECONDS = 0.02
# Seconds a fact may need on a busy machine; a test that passes does not wait for them.
WITHIN_SECONDS = 15.0


def eventually(condition: Callable[[], Fact | None], *, within: float = WITHIN_SECONDS) -> Fact:
    """Look until the condition is true; returns what it gave. Fails after `within` seconds."""
    give_up = time.monotonic() + within
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() > give_up:
            raise AssertionError(f"not true within {within} s: {_shown(condition)}, but {seen!r}")
        time.sleep(LOOK_SECONDS)


@overload
async def eventually_async(
    condition: Callable[[], Awaitable[Any]], *, within: float = WITHIN_SECONDS
) -> Any: ...


@overload
async def eventually_async(
    condition: Callable[[], Fact | None], *, within: float = WITHIN_SECONDS
) -> Fact: ...


async def eventually_async(condition: Callable[[], Any], *, within: float = WITHIN_SECONDS) -> Any:
    """The same in an event loop; the condition may be a coroutine function."""
    give_up = time.monotonic() + within
    while True:
        seen = condition()
        if isinstance(seen, Awaitable):
            seen = await seen
        if seen:
            return seen
        if time.monotonic() > give_up:
            raise AssertionError(f"not true within {within} s: {_shown(condition)}, but {seen!r}")
        await asyncio.sleep(LOOK_SECONDS)


def _shown(condition: Callable[[], object]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
