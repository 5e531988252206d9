"""Bodies of the API of the system, and of what a job did: what `/openapi.json` says of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from quart_app.api.response_models import ArtifactLink, Error, OpenLine, StatusName, WaitsFor


class Kind(BaseModel):
    """A kind of job, with its parameters' JSON schema."""

    name: str
    title: str
    description: str
    queue: str
    timeout_seconds: int | None
    max_attempts: int
    parameters: dict[str, Any] = Field(alias="schema")


class Kinds(BaseModel):
    """All kinds of job."""

    kinds: list[Kind]


class Attempt(BaseModel):
    """One attempt of a job. Its duration is in seconds."""

    number: int
    status: StatusName
    worker: str | None
    host: str | None
    pid: int | None
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None
    peak_memory_bytes: int | None
    error: Error | None


class Attempts(BaseModel):
    """Every attempt of a job, first to last."""

    job_id: str
    attempts: list[Attempt]


class Moment(BaseModel):
    """What a job was from a moment on."""

    job_id: str
    seq: int
    at: str
    attempt: int
    status: StatusName
    stalled: bool
    step: int | None
    steps: int | None
    step_name: str | None


class Timeline(BaseModel):
    """A job's states and steps, first to last."""

    job_id: str
    moments: list[Moment]


class Artifacts(BaseModel):
    """Files that a job left, and how many there are; `next` is the address of further ones."""

    job_id: str
    artifacts: list[ArtifactLink]
    artifact_count: int
    next: str | None


class LogLine(BaseModel):
    """A line of a job's log; the stream is stdout or stderr, of a line that was written there."""

    number: int
    at: str
    text: str
    stream: str | None


class LogLines(BaseModel):
    """Lines of a job's log, how many it has, and those that have not ended yet."""

    job_id: str
    lines: list[LogLine]
    log_lines: int
    open_lines: list[OpenLine]


class Queue(BaseModel):
    """A queue. Its oldest wait is in seconds."""

    name: str
    depth: int
    started: int
    oldest_wait_seconds: float | None
    ended_per_minute: float
    workers: int | None
    waits_for: WaitsFor | None = Field(description="Set while no worker serves it.")


class Queues(BaseModel):
    """All queues with work, or that had some lately."""

    queues: list[Queue]


class Worker(BaseModel):
    """A worker that was heard of lately."""

    name: str
    host: str
    pid: int
    queue: str
    memory_bytes: int | None
    started_at: str
    current_job: str | None
    links: dict[Literal["job"], str | None]
    state: Literal["idle", "busy", "lost"]
    last_heartbeat: str
    ended_per_minute: float


class Workers(BaseModel):
    """Every worker that was heard of lately."""

    workers: list[Worker]


class Counts(BaseModel):
    """How many jobs are in each status."""

    counts: dict[StatusName, int]


class Minute(BaseModel):
    """What ended in a minute. Times are in seconds, null where nothing ended."""

    minute: str
    finished: int
    failed: int
    stopped: int
    median_seconds: float | None
    p95_seconds: float | None
    median_wait_seconds: float | None


class Throughput(BaseModel):
    """Each minute of the last hour, oldest first."""

    minutes: list[Minute]


class Alive(BaseModel):
    """The process lives."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Whether the store answers, changes are pushed and Redis takes jobs."""

    ready: bool
    store: Literal["live", "away"]
    redis: Literal["live", "away", "refuses"]
    reason: str | None = Field(description="What is not so, or why jobs wait all the same.")
