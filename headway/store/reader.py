"""Reading for the web: every method is one statement, hence one moment of the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from headway.errors import StoreUnavailable, UnknownJob
from headway.model.idempotency import IdempotentRequest
from headway.model.record import Artifact, JsonDict, Record, Status, as_time, seconds_of
from headway.settings import Settings
from headway.store import artifacts, history, jobs, lists, overview, workers
from headway.store.connection import Parameters
from headway.store.jobs import EVENT_NAMES, JOB_NAMES, Snapshot, answer_in, record_of, snapshot_of
from headway.store.lists import JobFilter
from headway.store.reading import Reading, open_reading
from headway.store.sql import Sql

# Connections, each with a thread of its own: a slow search holds up one of them only.
CONNECTIONS = 4
# Most rows that one catch-up takes; a reader further behind starts over with a snapshot.
CATCH_UP_ROWS = 1000
# How long, in seconds, a request waits for a free connection.
WAIT_SECONDS = 10
# A worker that was not heard of for this long, in seconds, is not listed any more.
WORKER_SHOWN_SECONDS = 120


class Reader:
    """A few read connections behind one door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: asyncio.Queue[Reading] = asyncio.Queue()
        self._all: list[Reading] = []

    async def open(self) -> None:
        """Open the connections. Raises StoreUnavailable."""
        for _ in range(CONNECTIONS):
            connection = await open_reading(self._settings)
            self._all.append(connection)
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Close every connection; may be called twice. Unclosed ones would hang the exit."""
        while self._all:
            await self._all.pop().close()

    async def job(self, job_id: str, *, deleted: bool = False) -> Record:
        """The whole record; a `deleted` one too, until it is purged. Raises UnknownJob."""
        statement = jobs.JOB_OR_TOMBSTONE if deleted else jobs.JOB
        rows = await self.rows(statement, {"job_id": job_id})
        if not rows:
            raise UnknownJob(f"There is no job {job_id}.")
        return record_of(JOB_NAMES, rows[0])

    async def answer_to(self, request: IdempotentRequest) -> Record | None:
        """The job that this request started when it was sent before."""
        return answer_in(await self.rows(jobs.JOB_OF_KEY, {"key": request.key}), request)

    async def job_as_event(self, job_id: str) -> Record:
        """The record without what can be large. Raises UnknownJob."""
        rows = await self.rows(jobs.JOB_AS_EVENT, {"job_id": job_id})
        if not rows:
            raise UnknownJob(f"There is no job {job_id}.")
        return record_of(EVENT_NAMES, rows[0])

    async def result(self, job_id: str) -> str | None:
        """A job's result as JSON; None where it has none. Raises UnknownJob."""
        rows = await self.rows(jobs.RESULT, {"job_id": job_id})
        if not rows:
            raise UnknownJob(f"There is no job {job_id}.")
        result: str | None = rows[0][0]
        return result

    async def artifacts(self, job_id: str, *, after: int = 0, most: int) -> list[Artifact]:
        """A job's files behind the first `after`, in the order in which they came."""
        parameters = {"job_id": job_id, "after": after, "most": most}
        found = await self.rows(artifacts.ARTIFACTS, parameters)
        return [artifacts.artifact_of(row) for row in found]

    async def artifact(self, job_id: str, name: str) -> Artifact | None:
        """A job's file of this name, or None."""
        found = await self.rows(artifacts.ARTIFACT, {"job_id": job_id, "name": name})
        return artifacts.artifact_of(found[0]) if found else None

    async def counter(self) -> tuple[int, str]:
        """The seq of the newest change, and the store's epoch."""
        rows = await self.rows(jobs.COUNTER, {})
        return int(rows[0][0]), str(rows[0][1])

    async def changes_since(self, seq: int, most: int = CATCH_UP_ROWS) -> Snapshot:
        """The records that changed after `seq`, tombstones too, in the order of their changes."""
        parameters = {"after": seq, "most": most}
        return snapshot_of(await self.rows(overview.CHANGES_SINCE, parameters))

    async def newest(
        self,
        wanted: JobFilter,
        *,
        before: str | None = None,
        at: str | None = None,
        most: int = 100,
    ) -> Snapshot:
        """The newest jobs that pass the filter, below the job `before` if one is named.

        `at` says which moment that one was listed by, for it may have moved on since.
        """
        below, as_of = before is not None, at is not None
        statement = lists.newest(wanted, indexed=self._indexed(wanted), below=below, as_of=as_of)
        parameters = wanted.parameters() | {"most": most, "before": before, "at": at}
        return snapshot_of(await self.rows(statement, parameters))

    async def between(
        self, wanted: JobFilter, after: int, upto: int, *, most: int
    ) -> list[tuple[str, int]]:
        """(id, seq) of jobs that pass the filter and changed last above `after`, up to `upto`."""
        statement = lists.between(wanted, indexed=self._indexed(wanted))
        parameters = wanted.parameters() | {"after": after, "upto": upto, "most": most}
        return [(row[0], row[1]) for row in await self.rows(statement, parameters)]

    async def count_between(self, wanted: JobFilter, after: int, upto: int) -> int:
        """How many they are."""
        statement = lists.count_between(wanted, indexed=self._indexed(wanted))
        parameters = wanted.parameters() | {"after": after, "upto": upto}
        return int((await self.rows(statement, parameters))[0][0])

    async def matching(self, wanted: JobFilter, job_ids: Collection[str]) -> set[str]:
        """Which of these jobs pass the filter now."""
        if not job_ids:
            return set()
        statement = lists.matching(wanted, ids=len(job_ids), indexed=self._indexed(wanted))
        named = {f"id_{i}": job_id for i, job_id in enumerate(job_ids)}
        return {row[0] for row in await self.rows(statement, wanted.parameters() | named)}

    async def attempts(self, job_id: str) -> list[JsonDict]:
        """Every attempt of a job, first to last, as the API shows it."""
        return [
            history.attempt_of(row) for row in await self.rows(history.ATTEMPTS, {"job_id": job_id})
        ]

    async def timeline(self, job_id: str) -> list[JsonDict]:
        """What a job was from which moment on, first to last: its states and its steps."""
        return [
            history.transition_of(row)
            for row in await self.rows(history.TRANSITIONS, {"job_id": job_id})
        ]

    async def log(self, job_id: str, *, after: int = 0, most: int = 1000) -> list[JsonDict]:
        """Log lines with a number above `after`, at most `most`."""
        rows = await self.rows(history.LOG, {"job_id": job_id, "after": after, "most": most})
        return [dict(zip(history.LINE_FIELDS, row, strict=True)) for row in rows]

    async def counts(self, wanted: JobFilter) -> dict[str, int]:
        """How many of the jobs that pass the filter are in each status."""
        statement = lists.counts(wanted, indexed=self._indexed(wanted))
        rows = await self.rows(statement, wanted.parameters())
        found = {row[0]: int(row[1]) for row in rows}
        return {status.value: found.get(status.value, 0) for status in Status}

    def counts_quickly(self, wanted: JobFilter) -> bool:
        """False for a short text on SQLite, which would read every job for it, and slowly."""
        return self._indexed(wanted) or not wanted.q or self._settings.on_postgresql

    async def minutes(self, since: str) -> list[JsonDict]:
        """Each minute from a time on in which jobs ended: how many, and their times in seconds."""
        return [
            overview.minute_of(row)
            for row in await self.rows(overview.THROUGHPUT, {"since": since})
        ]

    async def ended_by(self, since: str) -> dict[str, dict[str, int]]:
        """How many jobs ended since a time, of each `queue` and by each `worker`."""
        ended: dict[str, dict[str, int]] = {"queue": {}, "worker": {}}
        for queue, worker, count in await self.rows(overview.ENDED_BY, {"since": since}):
            for kind, name in (("queue", queue), ("worker", worker)):
                ended[kind][name] = ended[kind].get(name, 0) + count
        return ended

    async def names(self, column: str, *, most: int) -> list[str]:
        """The first names, in their order, that jobs have for their `kind` or `queue`."""
        return [row[0] for row in await self.rows(overview.NAMES[column], {"most": most})]

    async def queues(self) -> list[JsonDict]:
        """Every queue with work: its depth, what runs, the oldest wait in seconds."""
        shown: dict[str, JsonDict] = {}
        for queue, status, count, oldest in await self.rows(overview.QUEUES, {}):
            entry = shown.setdefault(
                queue, {"name": queue, "depth": 0, "started": 0, "oldest_wait_seconds": None}
            )
            if status == Status.QUEUED:
                waited = max(0.0, time.time() - seconds_of(oldest))
                entry |= {"depth": count, "oldest_wait_seconds": round(waited, 1)}
            else:
                entry["started"] = count
        return [shown[name] for name in sorted(shown)]

    async def workers(self) -> list[JsonDict]:
        """Every worker heard of lately, with the job it runs."""
        since = as_time(time.time() - WORKER_SHOWN_SECONDS)
        lost = as_time(time.time() - self._settings.lease_seconds)
        rows = await self.rows(workers.WORKERS, {"since": since})
        return [workers.worker_of(row, lost) for row in rows]

    def _indexed(self, wanted: JobFilter) -> bool:
        return wanted.can_be_indexed and not self._settings.on_postgresql

    async def rows(self, statement: Sql, parameters: Parameters) -> Sequence[Any]:
        """Run one statement that reads. Raises StoreUnavailable."""
        async with self._connection() as connection:
            return await connection.rows(statement, parameters)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Reading]:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                connection = await self._free.get()
        except TimeoutError:
            raise StoreUnavailable("The store is too busy to be read.") from None
        try:
            yield connection
        finally:
            self._free.put_nowait(connection)


__all__ = ["CATCH_UP_ROWS", "JobFilter", "Reader"]
