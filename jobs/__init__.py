"""Headway's domain and its worker side. What an author of jobs imports stands here."""

from jobs.progress import report
from jobs.registry import kind

__all__ = ["kind", "report"]
