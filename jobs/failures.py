"""An exception as a record keeps it: a sentence for people, a traceback for authors."""

from __future__ import annotations

import traceback
from types import TracebackType

from jobs.records import Failure, plain

MESSAGE_CHARACTERS = 2_000
TRACEBACK_CHARACTERS = 50_000
# Modules between RQ and the author's function.
MACHINERY = ("jobs.attempt", "jobs.recording", "jobs.work", "jobs.registry", "rq.", "asyncio.")


def failure_of(error: BaseException) -> Failure:
    """An exception as a record keeps it: a sentence for people, a traceback for authors."""
    name = type(error).__name__
    message = plain(error, MESSAGE_CHARACTERS)
    if isinstance(error, KeyError):  # says the key alone, which is no sentence
        message = f"{name}: {message}"
    shown = "".join(
        traceback.format_exception(type(error), error, _from_the_job_on(error.__traceback__))
    )
    return Failure(
        type=name,
        message=message or name,
        traceback=plain(shown[-TRACEBACK_CHARACTERS:], TRACEBACK_CHARACTERS),
    )


def _from_the_job_on(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the machinery above the author's function."""
    step = trace
    while step is not None:
        module = step.tb_frame.f_globals.get("__name__", "")
        if not module.startswith(MACHINERY):
            return step
        step = step.tb_next
    return trace
