"""The API's bodies and queries as models: what `/openapi.json` and `/docs` say of them."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, Field

from headway.model.record import EVENT_RESULT_BYTES
from quart_app.bulk import BULK_JOBS, LISTED_REFUSALS
from quart_app.door.bodies import MOST_ROWS, PAGE_ROWS, SEARCH_CHARACTERS
from quart_app.door.limits import (
    ARTIFACT_ROWS,
    LINKED_ARTIFACTS,
    MOST_ARTIFACT_ROWS,
    MOST_ARTIFACTS,
)

StatusName = Literal[
    "queued", "deferred", "scheduled", "started", "finished", "failed", "stopped", "canceled"
]

NAMES = "|".join(get_args(StatusName))


class JobRequest(BaseModel, extra="forbid"):
    """A job to start."""

    kind: str = Field(description="The name of a kind; see /api/kinds.")
    params: dict[str, Any] = Field({}, description="The kind's parameters.")
    owner: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="In whose name; lists can be narrowed to it.",
    )
    run_at: str | None = Field(None, description="When to start it (RFC 3339).")
    delay_seconds: float | None = Field(None, ge=0, description="How long to wait first.")


class Error(BaseModel):
    """Why an attempt failed; events leave the traceback out."""

    type: str
    message: str
    traceback: str | None = None


class ArtifactLink(BaseModel):
    """A file that a job left."""

    name: str
    type: str
    bytes: int
    href: str


class Links(BaseModel):
    """Where the rest of a job is."""

    self: str
    page: str
    events: str
    log: str
    attempts: str
    timeline: str
    result: str
    files: str = Field(description="All files, a page at a time.")
    artifacts: list[ArtifactLink] | None = Field(
        description=f"The first {LINKED_ARTIFACTS} files; null on events and lists if any."
    )


class WaitsFor(BaseModel):
    """What a waiting job waits for beside its turn."""

    reason: str = Field(description="A sentence that says what to do.")


class Job(BaseModel):
    """A record: one job's state. Times are RFC 3339 in UTC."""

    id: str
    kind: str
    queue: str
    owner: str | None
    title: str
    status: StatusName
    progress: float | None = Field(description="0-100, null when unknown.")
    message: str
    step: int | None
    steps: int | None
    step_name: str | None
    eta_seconds: float | None
    attempt: int
    max_attempts: int
    seq: int = Field(description="The number of the job's newest change.")
    params: dict[str, Any] | None = Field(None, description="Not on events and lists.")
    result: Any = Field(
        description=f"On events and lists null where it is longer than {EVENT_RESULT_BYTES} bytes."
    )
    result_bytes: int | None = Field(description="How long the result is, as JSON.")
    error: Error | None
    worker: str | None
    waits_for: WaitsFor | None = Field(None, description="In the status endpoint's answer alone.")
    stalled: bool = Field(description="True when the worker has not been heard of lately.")
    stop_by: str | None = Field(description="Who asked for it to be stopped.")
    log_lines: int
    artifact_count: int = Field(description="How many files it left.")
    created_at: str
    started_at: str | None
    updated_at: str
    ended_at: str | None
    run_at: str | None
    origin: Literal["headway", "application"] = Field(description="Who put it into RQ.")
    links: Links


class JobPage(BaseModel):
    """Jobs, newest first; `next` is the address of older ones.

    Narrowed to some states, the newest is what came into its state last: by its end, its start or,
    while it waits, its creation. Else it is what was created last.
    """

    jobs: list[Job]
    next: str | None
    cursor: str = Field(description="For `last_event_id` of the list's stream.")


class JobQuery(BaseModel, extra="forbid"):
    """What a list, or its stream, is narrowed to."""

    status: str | None = Field(
        None,
        pattern=f"^({NAMES})(,({NAMES}))*$",
        description="One or more, separated by commas.",
    )
    kind: str | None = None
    queue: str | None = None
    owner: str | None = None
    q: str | None = Field(None, max_length=SEARCH_CHARACTERS, description="Text to find.")


class PageQuery(BaseModel):
    """Which page of a list."""

    before: str | None = Field(None, description="Only what is older than this one.")
    limit: int = Field(PAGE_ROWS, ge=1, le=MOST_ROWS)


class PagedJobQuery(PageQuery, JobQuery):
    """The same, a page at a time."""

    at: str | None = Field(
        None,
        description="By which moment the job `before` was listed, as `next` has it: when it "
        "came into its state. Without it a job that left the state is taken for where it was.",
    )


class WaitQuery(BaseModel):
    """How long to wait for a change."""

    wait: int = Field(0, ge=0, le=55, description="Seconds.")


class LogQuery(BaseModel):
    """Which log lines."""

    after: int = Field(0, ge=0, le=10**9, description="Only lines with a higher number.")
    limit: int = Field(1000, ge=1, le=10_000, description="Fewer come where they are long.")


class ResumedQuery(BaseModel):
    """Where a client left off."""

    last_event_id: str | None = Field(None, description="As the header Last-Event-ID.")
    lastEventId: str | None = Field(  # noqa: N815
        None, description="The same, as libraries for EventSource append it to an address."
    )


class ArtifactQuery(BaseModel):
    """Which files."""

    after: int = Field(0, ge=0, le=MOST_ARTIFACTS, description="How many to skip.")
    limit: int = Field(ARTIFACT_ROWS, ge=1, le=MOST_ARTIFACT_ROWS)


class JobStreamQuery(ResumedQuery):
    """How to stream a job."""

    log: Literal["0", "1"] = Field(
        "0", description="Log lines too: those behind the last one that was seen."
    )


class ListStreamQuery(ResumedQuery, JobQuery):
    """How to stream the list."""


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    error: str
    errors: list[FieldError] | None = None


ONE_OF = {"oneOf": [{"required": ["ids"]}, {"required": ["match"]}]}


class BulkRequest(BaseModel, extra="forbid", json_schema_extra=ONE_OF):
    """What to do, and to which jobs: `ids`, or all that `match`."""

    action: Literal["stop", "retry", "delete"]
    ids: list[str] = Field([], max_length=BULK_JOBS)
    match: JobQuery = JobQuery()
    begin: str | None = Field(
        None, alias="from", description="Where to go on, as an answer's `next` says it."
    )


class Refusal(BaseModel):
    """A job to which it could not be done."""

    id: str
    reason: str


class BulkAnswer(BaseModel):
    """What really happened."""

    action: str
    matched: int = Field(description="To how many it could be done when this was asked.")
    done: int
    refused: list[Refusal] = Field(description=f"The first {LISTED_REFUSALS}, with reasons.")
    refused_count: int = Field(description="To how many it was not done, as they moved on.")
    left: int = Field(description="How many were not reached; go on with `next`.")
    stopped: str | None = Field(description="Why they were not reached.")
    next: dict[str, Any] | None = Field(description="The request that goes on, if any are left.")
