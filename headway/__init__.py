"""Headway: background jobs that people can watch. What authors and applications import."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from headway.progress import report

if TYPE_CHECKING:
    from headway.kinds.registry import kind
    from headway.recording import record
    from headway.worker.forking import Worker
    from headway.worker.worker import SimpleWorker

__all__ = ["SimpleWorker", "Worker", "kind", "record", "report"]

# Loaded when they are first asked for: a job that only reports needs neither pydantic nor RQ.
_PLACES = {
    "kind": "headway.kinds.registry",
    "record": "headway.recording",
    "Worker": "headway.worker.forking",
    "SimpleWorker": "headway.worker.worker",
}


def __getattr__(name: str) -> Any:
    """Load one of `_PLACES`."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found
