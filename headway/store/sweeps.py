"""What needs looking after: jobs that wait, are due, are silent, or were deleted long ago."""

# ruff: noqa: S608  # statements are put together from words of ours alone

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from headway.model.record import Record
from headway.store.connection import Connection
from headway.store.jobs import JOB_COLUMNS, JOB_NAMES, record_of
from headway.store.sql import Sql

# Most rows that one sweep of the reconciler handles, so that no transaction is long.
SWEEP_ROWS = 500

# Most ids that one statement names.
ASKED_ROWS = 250

_RUNNING = f"""
    SELECT {", ".join(f"jobs.{name}" for name in JOB_NAMES)},
        workers.heartbeat_at, workers.place, workers.pid, workers.birth,
        attempts.pid, attempts.birth
    FROM jobs
    LEFT JOIN workers ON workers.name = jobs.worker
    LEFT JOIN attempts ON attempts.job_id = jobs.id AND attempts.number = jobs.attempt
    WHERE jobs.status = 'started' AND jobs.deleted = false AND {{}}
    ORDER BY jobs.id LIMIT :most
"""
# Marking a job as stalled is a write too; it is no heartbeat.
SILENT_JOBS = Sql(
    _RUNNING.format(
        "(jobs.stalled = true OR jobs.updated_at < :before)"
        " AND (workers.name IS NULL OR workers.heartbeat_at < :before)"
    )
)
HEARD_AGAIN = Sql(_RUNNING.format("jobs.stalled = true AND workers.heartbeat_at >= :since"))
JOBS_OF_PLACE = Sql(_RUNNING.format("workers.place = :place"))
# Of applications' jobs, those that are not over.
UNFINISHED_JOBS = Sql(
    """
    SELECT id FROM jobs
    WHERE status IN ('queued', 'scheduled', 'deferred', 'started') AND deleted = false
        AND origin = 'application' AND id > :after
    ORDER BY id LIMIT :most
    """
)
# Of what waits `since` is when it was created, and the index of a state is in that order.
WAITING_JOBS = Sql(
    """
    SELECT id, queue, created_at FROM jobs
    WHERE status IN ('queued') AND deleted = false AND updated_at < :before
        AND (since, id) > (:after_created, :after_id)
    ORDER BY since, id LIMIT :most
    """
)
DUE_JOBS = Sql(
    f"""
    SELECT {JOB_COLUMNS} FROM jobs
    WHERE status IN ('scheduled') AND deleted = false AND run_at <= :at
    ORDER BY since, id LIMIT :most
    """
)
# A reader that is behind takes as many changes as it can, or starts over when there are more. So
# the newest ones keep their tombstones, and no reader misses a deletion. That a job is deleted is
# said again for one that is recreated in this very moment.
PURGE_TOMBSTONES = Sql(
    """
    DELETE FROM jobs
    WHERE deleted = true AND id IN (
        SELECT id FROM jobs
        WHERE deleted = true AND updated_at < :before
            AND seq <= (SELECT seq FROM jobs ORDER BY seq DESC LIMIT 1 OFFSET :newest)
            AND id NOT IN (SELECT job_id FROM kept_tombstones)
        LIMIT :most
    )
    RETURNING id
    """
)


@cache
def _statuses_of(count: int) -> Sql:
    names = ", ".join(f":id_{place}" for place in range(count))
    return Sql(f"SELECT id, status FROM jobs WHERE id IN ({names})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued job: as much of it as it takes to look for it in RQ."""

    id: str
    queue: str
    created_at: str


# What comes before every waiting job.
FIRST = Waiting("", "", "")


@dataclass(frozen=True, slots=True)
class Running:
    """A started job, its worker's process and the one it runs in, if known: see processes.py.

    `heard_at` is the worker's last heartbeat.
    """

    record: Record
    heard_at: str | None
    pid_namespace: str | None
    pid: int | None
    start_time: str | None
    own_pid: int | None
    own_start_time: str | None


def waiting(
    store: Connection, before: str, after: Waiting, *, most: int = SWEEP_ROWS
) -> list[Waiting]:
    """Queued jobs that nothing has touched since `before`: the next ones `after` another."""
    place = {"after_created": after.created_at, "after_id": after.id}
    rows = store.run(WAITING_JOBS, {"before": before, "most": most, **place})
    return [Waiting(*row) for row in rows]


def due(store: Connection, at: str) -> list[Record]:
    """Scheduled records whose time has come by `at`, oldest first."""
    rows = store.run(DUE_JOBS, {"at": at, "most": SWEEP_ROWS})
    return [record_of(JOB_NAMES, row) for row in rows]


def unfinished(store: Connection, after: str, *, most: int) -> list[str]:
    """Ids of applications' jobs that are not over, from the one behind `after` on."""
    return [row[0] for row in store.run(UNFINISHED_JOBS, {"after": after, "most": most})]


def statuses(store: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The statuses of those jobs that are known, deleted ones among them, by their ids."""
    found: dict[str, str] = {}
    for begin in range(0, len(ids), ASKED_ROWS):
        some = ids[begin : begin + ASKED_ROWS]
        values = {f"id_{place}": job_id for place, job_id in enumerate(some)}
        rows = store.run(_statuses_of(len(some)), values)
        found |= {row[0]: row[1] for row in rows}
    return found


def silent(store: Connection, before: str) -> list[Running]:
    """Started jobs of which neither they nor their worker were heard since `before`."""
    return _running(store, SILENT_JOBS, {"before": before})


def heard_again(store: Connection, since: str) -> list[Running]:
    """Jobs that count as stalled though their worker was heard `since` then."""
    return _running(store, HEARD_AGAIN, {"since": since})


def running_at(store: Connection, pid_namespace: str) -> list[Running]:
    """Started jobs whose worker's pid is valid in `pid_namespace`."""
    return _running(store, JOBS_OF_PLACE, {"place": pid_namespace})


def purge_tombstones(store: Connection, before: str, *, newest: int) -> int:
    """Remove records deleted before `before`; how many. Those of the `newest` changes stay."""
    with store.transaction():
        parameters = {"before": before, "newest": newest, "most": SWEEP_ROWS}
        return len(store.run(PURGE_TOMBSTONES, parameters))


def _running(store: Connection, statement: Sql, parameters: dict[str, Any]) -> list[Running]:
    rows = store.run(statement, parameters | {"most": SWEEP_ROWS})
    return [Running(record_of(JOB_NAMES, row[:-6]), *row[-6:]) for row in rows]
