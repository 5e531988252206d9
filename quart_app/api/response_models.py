"""What the API answers, as `/openapi.json` and `/docs` describe it. Answers are not validated."""

from __future__ import annotations

from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, Field, create_model

from headway.model.record import EVENT_RESULT_BYTES, SHOWN_COLUMNS, Record
from quart_app.bulk import LISTED_REFUSALS

# Files that are linked in a job's record.
LINKED_ARTIFACTS = 100

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


class OpenLine(BaseModel):
    """The beginning of a line of the log that may change yet, as a bar does."""

    stream: Literal["stdout", "stderr"]
    at: str
    text: str


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
    job: str | None = Field(None, description="The id of the job that has to end first.")


# Of a record's columns what the API shows in another way, and what its documentation says of one.
_SHOWN_AS = {
    "status": StatusName,
    "origin": Literal["headway", "application"],
    "error": Error | None,
    "open_lines": list[OpenLine],
}
_SAID = {
    "progress": "0-100, null when unknown.",
    "seq": "The number of the job's newest change.",
    "result": f"On events and lists null where it is longer than {EVENT_RESULT_BYTES} bytes.",
    "result_bytes": "How long the result is, as JSON.",
    "stalled": "True when the worker has not been heard of lately.",
    "stop_by": "Who asked for it to be stopped.",
    "open_lines": "Lines of its log that have not ended yet; they are not among `log_lines`.",
    "artifact_count": "How many files it left.",
    "origin": "Who put it into RQ.",
}
_COLUMNS: dict[str, Any] = {
    name: (_SHOWN_AS.get(name, column), Field(description=_SAID.get(name)))
    for name, column in get_type_hints(Record).items()
    if name in SHOWN_COLUMNS or name == "error"
}


class Job(create_model("Record", **_COLUMNS)):  # type: ignore[misc]
    """A record: one job's state. Times are RFC 3339 in UTC."""

    params: dict[str, Any] | None = Field(None, description="Not on events and lists.")
    waits_for: WaitsFor | None = Field(None, description="In the status endpoint's answer alone.")
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
