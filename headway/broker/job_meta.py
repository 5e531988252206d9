"""Progress that an application keeps in RQ's `job.meta`, as many do already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from rq.job import Job

from headway.progress import COMPLETE, percent, report

KEY = "progress"


@contextmanager
def meta_reported(job_id: str) -> Iterator[None]:
    """Report the progress that the job saves in its meta, while it runs in this process."""
    original = Job.save_meta

    @wraps(original)
    def save_meta(job: Job) -> None:
        original(job)  # type: ignore[no-untyped-call]  # untyped in RQ
        if job.id == job_id and (said := progress_in(job.meta)):
            report(*said)

    setattr(Job, "save_meta", save_meta)  # noqa: B010  # that is what wrapping is
    try:
        yield
    finally:
        setattr(Job, "save_meta", original)  # noqa: B010


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
