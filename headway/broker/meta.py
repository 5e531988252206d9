"""Progress that an application keeps in RQ's `job.meta`, as many do already."""

from __future__ import annotations

from typing import Any

from headway.progress import COMPLETE, percent

KEY = "progress"


def progress_in(meta: Any) -> tuple[float, str | None] | None:
    """(percent, message) of `meta["progress"]`; None where there is none that can be understood.

    It may be a share (0-1), a percentage (above 1, up to 100), or `{"current": …, "total": …,
    "message": …}`, of which the total and the message may be missing. A whole 1 is one percent;
    1.0 is all.
    """
    said = meta.get(KEY) if isinstance(meta, dict) else None
    if isinstance(said, dict):
        total = percent_of(said.get("current"), said.get("total"))
        message = said.get("message")
        return None if total is None else (total, message if isinstance(message, str) else None)
    number = percent(said) if not isinstance(said, bool) else None
    if number is None:
        return None
    is_share = isinstance(said, float) and 0 <= said <= 1
    return (number * COMPLETE if is_share else number), None


def percent_of(current: Any, total: Any) -> float | None:
    """`current` of `total` in percent; of no total, `current` is a percentage itself."""
    if total is None:
        return percent(current)
    try:
        return percent(COMPLETE * float(current) / float(total))
    except (TypeError, ValueError, ArithmeticError):
        return None
