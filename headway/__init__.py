"""Headway: background jobs that people can watch. What an author of jobs imports stands here."""

from headway.kinds.registry import kind
from headway.progress import report

__all__ = ["kind", "report"]
