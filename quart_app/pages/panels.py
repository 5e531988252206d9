"""What stands beside the list: a queue's load, and which workers; static/panels.js agrees."""

from __future__ import annotations

from collections.abc import Sequence

from headway.model.record import JsonDict
from quart_app.pages.wording import duration, nearest, number

SHOWN_WORKERS = 6  # rows; with fewer of them the panel is no longer than the list beside it


def queue_line(queue: JsonDict) -> str:
    """A queue's load in words: `3 waiting, 1 started, oldest 12 s`, and what it waits for."""
    line = f"{number(queue['depth'])} waiting, {number(queue['started'])} started"
    oldest = queue["oldest_wait_seconds"]
    if oldest is None:
        return line
    waits_for = queue.get("waits_for")
    said = f". {waits_for['reason']}" if waits_for else ""
    return f"{line}, oldest {duration(nearest(oldest))}{said}"


def folded(workers: Sequence[JsonDict]) -> list[JsonDict]:
    """The idle workers for which there is no row left; who is busy or lost is always shown."""
    idle = [worker for worker in workers if worker["state"] == "idle"]
    return idle[max(0, SHOWN_WORKERS - (len(workers) - len(idle))) :]


FILTERS = {"folded": folded, "queue_line": queue_line}
