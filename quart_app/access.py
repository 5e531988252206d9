"""Who sees and does what. Every read, stream, list, search and action of a job passes this gate.

Pages, API, streams and guests share it, so none can show or do what another could not. It lets the
one person at this machine see everything; users and owners come in behind `gate`, and nothing that
calls it has to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from headway.client import new_record
from headway.errors import BadParameters, UnknownJob
from headway.model.idempotency import idempotent
from headway.model.record import Action, Record
from headway.store import JobFilter
from headway.store.jobs import Snapshot
from quart_app.services import Services, services


@dataclass(frozen=True, slots=True)
class Gate:
    """What one request may see and do, in the name of `name`; `owner` None means all jobs.

    What belongs to a job (log, files, attempts) is read with the id of a record that came from
    here, and a list with a filter that was narrowed here.
    """

    parts: Services
    name: str
    owner: str | None = None

    async def job(self, job_id: str) -> Record:
        """The whole record of a job. Raises UnknownJob, StoreUnavailable."""
        return self._seen(await self.parts.reader.job(job_id))

    async def job_as_event(self, job_id: str) -> Record:
        """The record without what can be large. Raises UnknownJob, StoreUnavailable."""
        return self._seen(await self.parts.reader.job_as_event(job_id))

    def narrowed(self, wanted: JobFilter) -> JobFilter:
        """The part of a list that may be seen."""
        return wanted if self.owner is None else replace(wanted, owner=self.owner)

    def owner_of(self, wanted: str | None) -> str | None:
        """Who will own a new job that was asked for in the name of `wanted`."""
        return wanted if self.owner is None else self.owner

    async def newest(
        self, wanted: JobFilter, *, before: str | None = None, at: str | None = None, most: int
    ) -> Snapshot:
        """The newest jobs, `most` at most, below the job `before` as it was listed `at` a moment.

        Raises UnknownJob for a `before` that is none, StoreUnavailable.
        """
        reader = self.parts.reader
        found = await reader.newest(self.narrowed(wanted), before=before, at=at, most=most)
        if before and not at and not found.records:
            # A list goes on below a job that was deleted, until that is purged.
            self._seen(await reader.job(before, deleted=True))
        return found

    async def names(self) -> Mapping[str, Sequence[str]]:
        """What stored jobs have for `kind` and `queue`; none where some jobs may not be seen."""
        return {} if self.owner is not None else await self.parts.status.names()

    async def submit(
        self,
        kind: str,
        params: Any,
        *,
        owner: str | None = None,
        run_at: float | None = None,
        key: str | None = None,
        when: Any = None,
    ) -> Record:
        """Start a job in the name of `owner`, once for each `key`.

        `when` is what the request said of `run_at`, for a second one to be compared.
        Raises UnknownKind, BadParameters, Conflict, StoreUnavailable.
        """
        owner = self.owner_of(owner)
        asked = idempotent(key, kind, owner, params, when)
        try:
            record = new_record(kind, params, owner=owner, run_at=run_at)
        except BadParameters:
            # What was valid when it was sent first may be too late now.
            known = await self.parts.reader.answer_to(asked) if asked else None
            if known is None:
                raise
            return known
        return await self.parts.writing.do(lambda client: client.submit(record, once=asked))

    async def act(self, action: Action, job_id: str) -> Record:
        """Stop, retry or delete a job. Raises UnknownJob, Conflict, StoreUnavailable."""
        return await self.parts.writing.do(
            lambda client: client.act(action, job_id, by=self.name, check=self._seen)
        )

    def _seen(self, job: Record) -> Record:
        # One that may not be seen might as well not exist.
        if self.owner is not None and job.owner != self.owner:
            raise UnknownJob(f"There is no job {job.id}.")
        return job


def gate() -> Gate:
    """The gate for this request: the one place that decides what it may see and do."""
    return Gate(services(), name="the person at this machine")
