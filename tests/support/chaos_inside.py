"""A look into the web process: on SIGUSR1 it writes the names of its asyncio tasks to a file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

FILE = "tasks.json"


def _write_tasks(_number: int, _frame: FrameType | None) -> None:
    # A Python signal handler runs in the main thread, between two steps of its loop's callbacks.
    names = Counter(_name(task) for task in asyncio.all_tasks())
    folder = Path(os.environ["DATA_DIR"])
    part = folder / f".{FILE}"
    part.write_text(json.dumps(names))
    part.replace(folder / FILE)


def _name(task: asyncio.Task[object]) -> str:
    return getattr(task.get_coro(), "__qualname__", task.get_name())


signal.signal(signal.SIGUSR1, _write_tasks)
