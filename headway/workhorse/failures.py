"""An exception as a record keeps it: a sentence for people, a traceback for authors."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator
from types import TracebackType

from rq.exceptions import DeserializationError

from headway.errors import StoreUnavailable
from headway.model.record import Failure, safe_text

MESSAGE_CHARACTERS = 2_000
TRACEBACK_CHARACTERS = 50_000
UNREADABLE = "What the application enqueued cannot be read here: "
# Its errors name the database's address, which is for the log alone.
DRIVER = "psycopg"
ENDS_WELL = "a job ends well by returning"
# Modules that run a job, as opposed to the author's own. Names are compared whole: an author's
# package may be called almost like one of these.
MACHINERY = frozenset({"headway", "rq", "asyncio"})


def failure_of(error: BaseException) -> Failure:
    """An exception as a record keeps it: a sentence for people, a traceback for authors."""
    name = type(error).__name__
    said = _sentence_of(error) or error
    message = safe_text(_discreet(safe_text(said, TRACEBACK_CHARACTERS), error), MESSAGE_CHARACTERS)
    if isinstance(error, DeserializationError):  # says nothing itself
        cause = error.__cause__ or error.__context__
        message = UNREADABLE + safe_text(f"{type(cause).__name__}: {cause}", MESSAGE_CHARACTERS)
    if isinstance(error, KeyError):  # says the key alone, which is no sentence
        message = f"{name}: {message}"
    shown = "".join(
        traceback.format_exception(type(error), error, _from_the_job_on(error.__traceback__))
    )
    shown = _discreet(shown, error)
    return Failure(
        type=name,
        message=message or name,
        traceback=safe_text(shown[-TRACEBACK_CHARACTERS:], TRACEBACK_CHARACTERS),
    )


def failure_said(text: str) -> Failure:
    """The failure in what RQ says of one: a traceback, or a sentence."""
    lines = text.strip().splitlines() or ["RQ did not say why."]
    name, separator, message = lines[-1].partition(": ")
    is_traceback = lines[0].startswith("Traceback") and len(lines) > 1
    kept = safe_text(text[-TRACEBACK_CHARACTERS:], TRACEBACK_CHARACTERS) if is_traceback else None
    if not is_traceback or not separator:
        return Failure("Failed", safe_text(lines[-1], MESSAGE_CHARACTERS), kept)
    kind = safe_text(name.rpartition(".")[2], MESSAGE_CHARACTERS)
    return Failure(kind, safe_text(message, MESSAGE_CHARACTERS), kept)


def _discreet(text: str, error: BaseException) -> str:
    """The text without what the database's driver said."""
    for each in _chain(error):
        driver = each.__cause__
        if isinstance(each, StoreUnavailable) and _package(driver) == DRIVER:
            for said in (str(each), str(driver)):
                text = text.replace(said, str(StoreUnavailable())) if said else text
    return text


def _package(thing: object) -> str:
    return type(thing).__module__.partition(".")[0]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    # `raise error from error` is legal: a chain may lead back into itself.
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__context__ if error.__cause__ is None else error.__cause__


def _from_the_job_on(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the machinery above the author's function."""
    step = trace
    while step is not None:
        if not is_machinery(step.tb_frame.f_globals.get("__name__", "")):
            return step
        step = step.tb_next
    return trace


def _sentence_of(error: BaseException) -> str | None:
    """A sentence for an exception that ends a process or has no message; None for all others."""
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


def is_machinery(module: str) -> bool:
    """True for a module, or a logger named after one, that is not the author's."""
    return module.partition(".")[0] in MACHINERY
