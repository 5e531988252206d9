"""What the API answers, as `/openapi.json` and `/docs` describe it. Answers are not validated."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from headway.model.record import EVENT_RESULT_BYTES
from quart_app.bulk import LISTED_REFUSALS
from quart_app.door.limits import LINKED_ARTIFACTS

StatusName = Literal[
    "queued", "deferred", "scheduled", "started", "finished", "failed", "stopped", "canceled"
]


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
