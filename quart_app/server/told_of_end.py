"""Hearing of a process' end before its server waits for connections that we keep open.

uvicorn 0.54 and Hypercorn 0.18 say `lifespan.shutdown` only after every connection is over, and a
stream is over when it is told so: without this, uvicorn would wait for ever.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def told_of_end(tell: Callable[[], None]) -> Iterator[None]:
    """Have `tell` called in this loop when a signal asks the process to end.

    Whoever listened before is told as well, and does what it would have done. Outside the main
    thread no signal can be heard, and nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # the loop is over
            loop.call_soon_threadsafe(tell)
        _pass_on(before[signal.Signals(number)], number, frame)

    ours = [number for number, handler in before.items() if handler not in (None, signal.SIG_IGN)]
    for number in ours:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is hear:
                signal.signal(number, before[number])


def _pass_on(handler: Any, number: int, frame: FrameType | None) -> None:
    if callable(handler):
        handler(number, frame)
    else:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
