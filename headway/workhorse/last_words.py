"""What an exception that is no sentence means for a job, in words that a person understands."""

from __future__ import annotations

import asyncio

ENDS_WELL = "a job ends well by returning"


def sentence_of(error: BaseException) -> str | None:
    """A sentence for an exception that ends a process, or has no words; None for all others."""
    if isinstance(error, SystemExit):
        return _of_exit(error.code)
    if isinstance(error, KeyboardInterrupt):
        return "The job was interrupted (KeyboardInterrupt)."
    if isinstance(error, GeneratorExit):
        return f"The job raised GeneratorExit, which closes a generator; {ENDS_WELL}."
    if isinstance(error, asyncio.CancelledError) and not error.args:
        return "The job's own asynchronous work was canceled (CancelledError)."
    if isinstance(error, MemoryError) and not error.args:
        return "Out of memory: the job asked for more than its process may have (MemoryError)."
    return None


def _of_exit(code: object) -> str:
    if code is None or (isinstance(code, int) and not code):
        return f"The job called sys.exit({'' if code is None else code}); {ENDS_WELL}."
    if isinstance(code, int):
        return f"The job ended itself with exit code {code} (sys.exit)."
    return f"The job ended itself: {code}"
