"""The desk: everything a request can see or ask for, by what its access allows.

The API and the pages both come here, so neither can show or do what the other could not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quart import request

from headway.client import new_record
from headway.errors import BadParameters, UnknownThing
from headway.kinds.registry import kinds
from headway.model.idempotency import idempotent
from headway.model.record import Artifact, JsonDict, Record, Status
from headway.store import JobFilter
from headway.store.rows import Snapshot
from quart_app.access import Access, access_of_request
from quart_app.live.backend import Backend, backend
from quart_app.many import Many


class Desk(Many):
    """One request's view of the jobs."""

    def __init__(self, parts: Backend, access: Access) -> None:
        self._parts = parts
        self.access = access
        self.settings = parts.settings

    async def job(self, job_id: str) -> Record:
        """The job that this request may see: its whole record. Raises UnknownJob."""
        record = await self._parts.reader.job(job_id)
        self.access.check(record)
        return record

    async def glance(self, job_id: str) -> Record:
        """The same without what can be large. Raises UnknownJob."""
        record = await self._parts.reader.job_as_event(job_id)
        self.access.check(record)
        return record

    async def newest(
        self,
        wanted: JobFilter,
        *,
        before: str | None = None,
        at: str | None = None,
        most: int,
    ) -> Snapshot:
        """The newest jobs, `most` at most, below the job `before` as it was listed `at` a moment.

        Raises UnknownJob for a `before` that is none.
        """
        reader, narrowed = self._parts.reader, self.access.narrowed(wanted)
        found = await reader.newest(narrowed, before=before, at=at, most=most)
        if before and not at and not found.records:
            # A list goes on below a job that was deleted, until that is purged.
            self.access.check(await reader.job(before, deleted=True))
        return found

    async def waits_for(self, record: Record) -> JsonDict | None:
        """`{"reason": …}` for a waiting job that cannot begin, None when nothing hinders it."""
        if record.status not in (Status.QUEUED, Status.SCHEDULED):
            return None
        reason = self._parts.relay.reason
        return {"reason": reason} if reason else await self._parts.status.waits_for(record.queue)

    @property
    def reason(self) -> str | None:
        """Why no job can begin just now."""
        return self._parts.relay.reason

    # What belongs to a job is had with its record, which `job` and `glance` alone give.

    async def result(self, job: Record) -> str:
        """A job's result as JSON. Raises UnknownThing where there is none."""
        result = await self._parts.reader.result(job.id)
        if result is None:
            raise UnknownThing("This job has no result.")
        return result

    async def artifacts(self, job: Record, *, after: int = 0, most: int) -> list[Artifact]:
        """A job's files behind the first `after`."""
        return await self._parts.reader.artifacts(job.id, after=after, most=most)

    async def artifact(self, job: Record, name: str) -> Artifact:
        """A job's file of this name. Raises UnknownThing."""
        found = await self._parts.reader.artifact(job.id, name)
        if found is None:
            raise UnknownThing("This job left no file of this name.")
        return found

    async def attempts(self, job: Record) -> list[JsonDict]:
        """Every attempt of a job."""
        return await self._parts.reader.attempts(job.id)

    async def timeline(self, job: Record) -> list[JsonDict]:
        """A job's states and steps, each from its moment on."""
        return await self._parts.reader.timeline(job.id)

    async def log(self, job: Record, *, after: int, most: int) -> list[JsonDict]:
        """A job's log lines above `after`."""
        return await self._parts.reader.log(job.id, after=after, most=most)

    async def counts(self, wanted: JobFilter) -> dict[str, int]:
        """How many of the jobs that match are in each status."""
        return await self._parts.reader.counts(self.access.narrowed(wanted))

    def counts_quickly(self, wanted: JobFilter) -> bool:
        """False where counting takes too long for a page."""
        return self._parts.reader.counts_quickly(wanted)

    async def queues(self) -> list[JsonDict]:
        """Every queue with work, or that had some lately."""
        return await self._parts.status.queues()

    async def workers(self) -> list[JsonDict]:
        """Every worker that was heard of lately."""
        return await self._parts.status.workers()

    def kinds(self) -> list[JsonDict]:
        """Every kind of job."""
        return [kind.to_json() for kind in kinds()]

    async def names(self) -> Mapping[str, Sequence[str]]:
        """What jobs have for `kind` and `queue`; of many the first ones."""
        # Of other owners' jobs, even what kinds there are is nobody's business.
        return {} if self.access.owner is not None else await self._parts.status.names()

    async def throughput(self) -> list[JsonDict]:
        """Each minute of the last hour: what ended, how long it took, how long it waited."""
        return await self._parts.status.last_hour.minutes()

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
        owner = self.access.owner_of(owner)
        asked = idempotent(key, kind, owner, params, when)
        try:
            record = new_record(kind, params, owner=owner, run_at=run_at)
        except BadParameters:
            # What was valid when it was sent first may be too late now.
            known = await self._parts.reader.answer_to(asked) if asked else None
            if known is None:
                raise
            return known
        return await self._parts.writing.do(lambda it: it.submit(record, once=asked))

    async def stop(self, job_id: str) -> Record:
        """Stop or cancel a job. Raises UnknownJob, Conflict, StoreUnavailable."""
        await self.glance(job_id)
        by = self.access.name
        return await self._parts.writing.do(lambda it: it.stop(job_id, by=by))

    async def retry(self, job_id: str) -> Record:
        """Begin a job's next attempt. Raises UnknownJob, Conflict, StoreUnavailable."""
        await self.glance(job_id)
        return await self._parts.writing.do(lambda it: it.retry(job_id))

    async def delete(self, job_id: str) -> None:
        """Delete a job that is over. Raises UnknownJob, Conflict, StoreUnavailable."""
        await self.glance(job_id)
        await self._parts.writing.do(lambda it: it.delete(job_id))


def desk() -> Desk:
    """The desk for this request."""
    return Desk(backend(), access_of_request(request))
