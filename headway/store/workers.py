"""The workers' heartbeats: written by themselves, read by the reconciler and the web."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from headway.model.links import address_of
from headway.model.record import JsonDict
from headway.store.session import Session
from headway.store.sql import STARTED, Sql, constant, named
from headway.store.tables import jobs, workers

_heartbeat = insert(workers).values({column.name: named(column.name) for column in workers.c})
HEARTBEAT = Sql(
    _heartbeat.on_conflict_do_update(
        index_elements=[workers.c.name],
        set_={
            name: _heartbeat.excluded[name] for name in ("heartbeat_at", "memory_bytes", "ended_at")
        },
    )
)
WORKERS = Sql(
    select(
        workers,
        select(jobs.c.id)
        .where(jobs.c.worker == workers.c.name, STARTED)
        .limit(constant(1))
        .offset(constant(0))
        .scalar_subquery()
        .label("current_job"),
    )
    .where(workers.c.heartbeat_at > named("since"), workers.c.ended_at.is_(None))
    .order_by(workers.c.queue, workers.c.name)
)
FORGET_WORKERS = Sql(delete(workers).where(workers.c.heartbeat_at < named("before")))
HEARTBEATS = Sql(
    select(workers.c.name, workers.c.host, workers.c.heartbeat_at).where(
        workers.c.ended_at.is_(None)
    )
)


def worker_of(row: Sequence[Any], lost: str) -> JsonDict:
    """A row of WORKERS as the API shows it; who was last heard of before `lost` is lost."""
    values = dict(zip([*workers.c.keys(), "current_job"], row, strict=True))
    state = "lost" if values["heartbeat_at"] < lost else "busy" if values["current_job"] else "idle"
    names = ("name", "host", "pid", "queue", "memory_bytes", "started_at", "current_job")
    job = values["current_job"]
    return {name: values[name] for name in names} | {
        "links": {"job": f"/jobs/{address_of(job)}" if job else None},
        "state": state,
        "last_heartbeat": values["heartbeat_at"],
    }


class WorkerWriter(Session):
    """The part of the writer that keeps the workers."""

    def record_heartbeat(self, **worker: Any) -> None:
        """Say that a worker process is alive; the fields are the columns of `workers`."""
        with self.transaction():
            self.run(HEARTBEAT, worker)

    def forget_workers(self, before: str) -> None:
        """Remove workers that were last heard of before `before`."""
        with self.transaction():
            self.run(FORGET_WORKERS, {"before": before})

    def heartbeats(self) -> list[tuple[str, str, str]]:
        """(name, host, last heartbeat) of every worker that has not ended."""
        return [(row[0], row[1], row[2]) for row in self.run(HEARTBEATS, {})]
