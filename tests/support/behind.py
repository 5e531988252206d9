"""The store's file used behind Headway's back: looked at, locked, changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jobs.settings import Settings
from jobs.store import sqlite


def run(settings: Settings, statement: str, *values: Any) -> list[Any]:
    """Run any SQL; returns its rows."""
    connection = sqlite.connect(settings.database_path)
    try:
        rows: list[Any] = connection.execute(statement, values).fetchall()
        return rows
    finally:
        connection.close()


def counter(settings: Settings) -> int:
    """The seq of the newest change."""
    return int(run(settings, "SELECT seq FROM counter")[0][0])


def log_of(settings: Settings, job_id: str) -> list[str]:
    """A job's log as it is stored, in the order of the lines."""
    query = "SELECT text FROM log_lines WHERE job_id = ? ORDER BY number"
    return [row[0] for row in run(settings, query, job_id)]


@contextmanager
def locked(settings: Settings) -> Iterator[Any]:
    """Hold the store's write lock, as a stuck backup would; undoes what was done in it."""
    connection = sqlite.connect(settings.database_path)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")
        connection.close()
