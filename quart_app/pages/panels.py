"""Which workers stand beside the list, and which are folded away; static/panels.js agrees."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.records import JsonDict

SHOWN_WORKERS = 6  # rows; with fewer of them the panel is no longer than the list beside it


def folded(workers: Sequence[JsonDict]) -> list[JsonDict]:
    """The idle workers for which there is no row left; who is busy or lost is always shown."""
    idle = [worker for worker in workers if worker["state"] == "idle"]
    return idle[max(0, SHOWN_WORKERS - (len(workers) - len(idle))) :]


FILTERS = {"folded": folded}
