"""Headway: background jobs that people can watch. What an author of jobs imports stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.progress import report

if TYPE_CHECKING:
    from headway.kinds.registry import kind

__all__ = ["kind", "report"]


def __getattr__(name: str) -> Any:
    """Load `kind` when it is first asked for: a job that only reports needs no pydantic."""
    if name != "kind":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from headway.kinds.registry import kind  # noqa: PLC0415  # see above

    globals()[name] = kind
    return kind
