"""Single flight: many ask for a value at once, and it is read once for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class SingleFlight(Generic[Value]):
    """A value that is read when it is asked for; good for `max_age` seconds.

    Concurrent callers share the next read; one in progress may predate what they ask about.
    """

    def __init__(self, read: Callable[[], Awaitable[Value]], *, max_age: float = 0.0) -> None:
        self._read = read
        self._max_age = max_age
        self._reading = asyncio.Lock()
        self._began = float("-inf")
        self._value: Value
        self._error: Exception | None = None

    async def __call__(self) -> Value:
        """The value. Raises what its read raised."""
        asked = time.monotonic()
        async with self._reading:
            if self._began <= asked - (self._max_age if self._error is None else 0.0):
                began = time.monotonic()
                try:
                    self._value, self._error = await self._read(), None
                except Exception as error:  # noqa: BLE001  # raised below, to all who asked
                    self._error = error
                self._began = began
        if self._error is not None:
            raise self._error
        return self._value
