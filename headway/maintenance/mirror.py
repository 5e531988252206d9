"""The mirror: what RQ has of applications' jobs and workers, in the store within a second."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from headway.broker.redis_troubles import TroubleLog
from headway.errors import UnknownJob
from headway.maintenance.follower import STATUSES, Follower
from headway.mirror.keys import Keys
from headway.mirror.places import Kind
from headway.mirror.registries import Registries
from headway.mirror.rq_job import RqJob
from headway.mirror.rq_workers import RqWorker, Workers, lost_jobs
from headway.model.record import Record, Status, as_time, now
from headway.processes import HOST, is_gone
from headway.store import Writer, sweeps, workers

# Commands that a round may send while nothing happens, and what the look at one job takes.
COMMANDS = 50
COMMANDS_OF_A_JOB = 4
# Jobs that are looked at in each round though nothing in RQ's lists says that they changed: those
# that no worker records, for their progress, and the next few that are not over, for what was
# missed. And how many are read, at least, of what RQ has kept for long.
RUNNING = 5
UNFINISHED = 2
OLDER = 1
# Jobs that wait for those that failed in one round, which are looked at again.
MOST_WAITING = 1_000
# Seconds between two looks at the workers, while none of them is in doubt.
WORKERS_SECONDS = 3.0


class Mirror:
    """Remembers what it saw of RQ. For one thread at a time."""

    def __init__(self, store: Writer, connection: Any, redis_url: str) -> None:
        self._store = store
        self._redis = connection
        self._follower = Follower(store)
        self._registries = Registries(connection)
        self._workers = Workers(connection)
        self._troubles = TroubleLog(redis_url)
        # What RQ had of each job that is not over, when it was seen last.
        self._last: dict[str, RqJob] = {}
        # The records of those that run and that no worker records.
        self._running: dict[str, Record] = {}
        # Of what RQ has kept for long, what is not known here.
        self._older: dict[str, None] = {}
        self._after = ""
        self._looked_at_workers = -WORKERS_SECONDS

    def round(self) -> None:
        """Look once at everything that may have changed.

        Raises StoreUnavailable, redis.RedisError.
        """
        look = self._registries.look()
        self._note_older(look.older)
        wanted = dict.fromkeys([*look.changed, *self._also()])
        room = (COMMANDS - look.commands) // COMMANDS_OF_A_JOB - len(wanted)
        for job_id in list(self._older)[: max(OLDER, room)]:
            del self._older[job_id]
            wanted[job_id] = None
        followed, changed = self._follow_all(wanted), set(look.changed)
        ended_badly = [
            record.id
            for record in followed
            if record.id in changed and record.final and record.status != Status.FINISHED
        ]
        # What waits for them will not run, and says so.
        waiting = self._registries.jobs.dependents(ended_badly)
        self._follow_all(waiting[:MOST_WAITING])
        since = time.monotonic() - self._looked_at_workers
        if self._workers.in_doubt or since >= WORKERS_SECONDS:
            self._looked_at_workers = time.monotonic()
            self._look_at_workers()

    def _follow_all(self, job_ids: Iterable[str]) -> list[Record]:
        records = []
        for job_id, job in self._registries.jobs.whole(job_ids).items():
            with self._troubles.log_and_continue(f"job {job_id}", one_of_many=True):
                record = self._follow(job_id, job)
                if record is not None:
                    records.append(record)
        return records

    def _also(self) -> list[str]:
        unfinished = sweeps.unfinished(self._store, self._after, most=UNFINISHED)
        self._after = unfinished[-1] if len(unfinished) == UNFINISHED else ""
        return [*list(self._running)[:RUNNING], *self._follower.doubtful, *unfinished]

    def _note_older(self, jobs: Iterable[RqJob]) -> None:
        if self._older:
            return
        found = list(jobs)
        known = sweeps.statuses(self._store, [job.id for job in found])
        for job in found:
            if known.get(job.id) != STATUSES.get(job.status or ""):
                self._older[job.id] = None

    def _follow(self, job_id: str, job: RqJob | None) -> Record | None:
        self._running.pop(job_id, None)
        if job is None:
            last = self._last.pop(job_id, None)
            with suppress(UnknownJob):
                known = self._store.job(job_id)
                if known.external and not known.final:
                    return self._follower.gone(known, last)
            return None
        record = self._follower.follow(job, run_at=self._run_at(job))
        if record is None or record.final:
            self._last.pop(job_id, None)
            return record
        self._last[job_id] = job
        if record.status == Status.STARTED and not record.recorded:
            self._running[job_id] = record
        return record

    def _run_at(self, job: RqJob) -> str | None:
        """When RQ runs a job that it has scheduled."""
        if job.status != "scheduled":
            return None
        where = Keys().registry(Kind.SCHEDULED, job.origin or "")
        score = self._redis.zscore(where, job.id)
        return None if score is None else as_time(score)

    def _look_at_workers(self) -> None:
        running = [self._last[job_id] for job_id in self._running if job_id in self._last]
        found, places = self._workers.look(running), workers.places(self._store)
        for worker in found:
            # One that is recorded says itself that it lives; of one that RQ has dropped, a late
            # heartbeat may leave some fields behind.
            if not places.get(worker.name) and worker.birth and worker.hostname and worker.pid:
                self._show(worker)
        gone_here = {worker.name for worker in found if _is_gone_here(worker)}
        lost = {job.id for job in lost_jobs(running, found)}
        for job_id, record in list(self._running.items()):
            if job_id in lost or record.worker in gone_here:
                self._name_lost(record)
            elif record.stalled:  # it was heard again
                self._store.save(record, follow=True, stalled=False, message="")

    def _show(self, worker: RqWorker) -> None:
        moment = now()
        # Where Redis does not say who listens, RQ's own heartbeat, which comes rarely, has to do.
        lives = bool(worker.listeners) or (worker.listeners is None and not worker.gone)
        workers.record_heartbeat(
            self._store,
            name=worker.name,
            host=worker.hostname,
            pid=worker.pid,
            place="",
            birth=None,
            queue=",".join(worker.queues),
            memory_bytes=None,
            started_at=worker.birth or moment,
            heartbeat_at=moment if lives else (worker.last_heartbeat or moment),
            ended_at=moment if worker.death else None,
        )

    def _name_lost(self, record: Record) -> None:
        said = f"Worker lost: nothing of {record.worker} is connected to Redis any more."
        if not record.stalled or record.message != said:
            saved = self._store.save(record, follow=True, stalled=True, message=said)
            self._running[record.id] = saved or record


def _is_gone_here(worker: RqWorker) -> bool:
    """True for a worker of this machine whose process is gone, and its work-horse with it."""
    return (
        worker.listeners == 0
        and worker.hostname == HOST
        and worker.pid is not None
        and is_gone(worker.pid, None)
    )
