"""The workers' heartbeats: written by themselves, read by the reconciler and the web."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headway.model.record import JsonDict, address_of
from headway.store.connection import Connection
from headway.store.sql import Sql

COLUMNS = (
    *("name", "host", "pid", "place", "birth", "queue"),
    *("memory_bytes", "started_at", "heartbeat_at", "ended_at"),
)
_columns = ", ".join(COLUMNS)
HEARTBEAT = Sql(
    f"""
    INSERT INTO workers ({_columns}) VALUES ({", ".join(f":{name}" for name in COLUMNS)})
    ON CONFLICT (name) DO UPDATE SET
        -- A worker that was started again may have the name of the one before.
        pid = excluded.pid,
        birth = excluded.birth,
        place = excluded.place,
        queue = excluded.queue,
        started_at = CASE
            WHEN workers.pid = excluded.pid THEN workers.started_at ELSE excluded.started_at
        END,
        heartbeat_at = excluded.heartbeat_at,
        memory_bytes = excluded.memory_bytes,
        ended_at = excluded.ended_at
    """  # noqa: S608  # names of ours
)
WORKERS = Sql(
    f"""
    SELECT {_columns}, (
        SELECT id FROM jobs WHERE jobs.worker = workers.name AND jobs.status = 'started' LIMIT 1
    )
    FROM workers WHERE heartbeat_at > :since AND ended_at IS NULL ORDER BY queue, name
    """  # noqa: S608  # names of ours
)
FORGET_WORKERS = Sql("DELETE FROM workers WHERE heartbeat_at < :before")
PLACES = Sql("SELECT name, place FROM workers WHERE ended_at IS NULL")
HEARTBEATS = Sql("SELECT name, host, heartbeat_at FROM workers WHERE ended_at IS NULL")


def worker_of(row: Sequence[Any], lost: str) -> JsonDict:
    """A row of WORKERS as the API shows it; who was last heard of before `lost` is lost."""
    values = dict(zip([*COLUMNS, "current_job"], row, strict=True))
    state = "lost" if values["heartbeat_at"] < lost else "busy" if values["current_job"] else "idle"
    names = ("name", "host", "pid", "queue", "memory_bytes", "started_at", "current_job")
    job = values["current_job"]
    return {name: values[name] for name in names} | {
        "links": {"job": f"/jobs/{address_of(job)}" if job else None},
        "state": state,
        "last_heartbeat": values["heartbeat_at"],
    }


def record_heartbeat(store: Connection, **worker: Any) -> None:
    """Say that a worker process is alive; the fields are COLUMNS."""
    with store.transaction():
        store.run(HEARTBEAT, worker)


def forget_workers(store: Connection, before: str) -> None:
    """Remove workers that were last heard of before `before`."""
    with store.transaction():
        store.run(FORGET_WORKERS, {"before": before})


def places(store: Connection) -> dict[str, str]:
    """Where each worker's pid is valid, by the worker's name; empty for one that RQ alone knows."""
    return {row[0]: row[1] for row in store.run(PLACES, {})}


def heartbeats(store: Connection) -> list[tuple[str, str, str]]:
    """(name, host, last heartbeat) of every worker that has not ended."""
    return [(row[0], row[1], row[2]) for row in store.run(HEARTBEATS, {})]
