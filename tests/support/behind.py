"""The store used behind Headway's back: looked at, locked, changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from headway.settings import Settings
from headway.store import sqlite


def connect(settings: Settings) -> Any:
    """The plain driver's connection, in autocommit."""
    if settings.on_postgresql:
        return psycopg.connect(settings.database_url, autocommit=True)
    return sqlite.connect(settings.database_path)


def run(settings: Settings, statement: str, *values: Any) -> list[Any]:
    """Run any SQL, with `?` for each of the values; returns its rows."""
    connection = connect(settings)
    text = statement.replace("?", "%s") if settings.on_postgresql else statement
    try:
        cursor = connection.execute(text, values)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
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
    connection = connect(settings)
    if settings.on_postgresql:
        connection.execute("BEGIN")
        connection.execute("SELECT seq FROM counter FOR UPDATE")
    else:
        connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def plan(settings: Settings, text: str, values: dict[str, Any]) -> str:
    """How SQLite goes about a statement, a step a line."""
    connection = sqlite.connect(settings.database_path)
    try:
        steps = connection.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
        return "\n".join(step[3] for step in steps)
    finally:
        connection.close()
