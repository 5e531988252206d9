"""The tables. Changing one here needs a migration beside it; a test compares the two."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    text,
    true,
)
from sqlalchemy.dialects import postgresql

# Times are text (RFC 3339, UTC, microseconds: text order is time order); JSON is text too,
# so that both databases store the same bytes and no driver converts behind our back. Text is
# in the order of its code points on both; a PostgreSQL would else sort by its locale.
Text = sqlalchemy.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("origin", Text, nullable=False, server_default="headway"),
    Column("recorded", Boolean, nullable=False, server_default=true()),
    Column("kind", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("owner", Text),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("progress", Float),
    Column("message", Text, nullable=False),
    Column("step", Integer),
    Column("steps", Integer),
    Column("step_name", Text),
    Column("eta_seconds", Float),
    Column("error_type", Text),
    Column("error_message", Text),
    Column("worker", Text),
    Column("stalled", Boolean, nullable=False),
    Column("log_lines", Integer, nullable=False),
    Column("artifact_count", Integer, nullable=False),
    Column("result_bytes", Integer),
    Column("since", Text, nullable=False),  # when it ended, else began, else was created
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("started_at", Text),
    Column("ended_at", Text),
    Column("run_at", Text),
    Column("stop_by", Text),
    Column("idempotency_key", Text),
    Column("search_id", BigInteger),  # its row in `job_search`, for good: its first seq
    Column("deleted", Boolean, nullable=False),
    Column("fingerprint", Text),  # of the request that brought the idempotency key
    # What can be large comes last: SQLite reads through it to whatever lies behind it.
    Column("params", Text, nullable=False),
    Column("open_lines", Text),  # of the log: begun, and not ended yet
    Column("arguments", Text),  # what the function gets, where `params` does not say it all
    Column("error_traceback", Text),
    Column("result", Text),
)
Index("jobs_by_seq", jobs.c.seq)
Index("jobs_by_key", jobs.c.idempotency_key, unique=True)
Index("jobs_by_search", jobs.c.search_id)
Index("jobs_by_end", jobs.c.deleted, jobs.c.ended_at)
# Lists leave tombstones out and are sorted by age, or in a state by how long it lasts.
Index("jobs_by_age", jobs.c.deleted, jobs.c.created_at, jobs.c.id)
Index("jobs_by_status", jobs.c.deleted, jobs.c.status, jobs.c.since, jobs.c.id)
Index("jobs_by_kind", jobs.c.deleted, jobs.c.kind, jobs.c.created_at, jobs.c.id)
Index("jobs_by_queue", jobs.c.deleted, jobs.c.queue, jobs.c.created_at, jobs.c.id)
_started = text("status = 'started'")
Index("jobs_by_worker", jobs.c.worker, sqlite_where=_started, postgresql_where=_started)

# On SQLite a full-text index over what a search looks at; made by a migration, for SQLAlchemy
# has no words for it. Three letters at a time, so that any part of a word is found.
SEARCH_TABLE = "job_search"

attempts = Table(
    "attempts",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("worker", Text),
    Column("host", Text),
    Column("pid", Integer),  # the process that runs the function
    Column("birth", Text),  # what tells it from a later one of that pid
    Column("started_at", Text),
    Column("ended_at", Text),
    Column("peak_memory_bytes", BigInteger),
    Column("error_type", Text),
    Column("error_message", Text),
    Column("error_traceback", Text),
)

# A job's transitions: its state from one moment on, until the next one.
moments = Table(
    "moments",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("stalled", Boolean, nullable=False),
    Column("step", Integer),
    Column("steps", Integer),
    Column("step_name", Text),
)

# The files that a job's attempt left, in the order in which their names came up.
artifacts = Table(
    "artifacts",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
Index("artifacts_by_name", artifacts.c.job_id, artifacts.c.name, unique=True)

log_lines = Table(
    "log_lines",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("stream", Text),  # stdout or stderr, of a line that was written there
)

# Deleted jobs whose record stays, for what they made looks at how they ended.
kept_tombstones = Table("kept_tombstones", metadata, Column("job_id", Text, primary_key=True))

# Files that were sent to be worked on: each goes with the job that took it in.
uploads = Table(
    "uploads",
    metadata,
    Column("name", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
)
Index("uploads_by_job", uploads.c.job_id)

# A worker process says here that it is alive; the lease of its job is its last heartbeat.
workers = Table(
    "workers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("place", Text, nullable=False),  # where that pid means something
    Column("birth", Text),  # what tells this process from a later one of that pid
    Column("queue", Text, nullable=False),
    Column("memory_bytes", BigInteger),
    Column("started_at", Text, nullable=False),
    Column("heartbeat_at", Text, nullable=False),
    Column("ended_at", Text),
)

# One row: `seq` numbers every change of every job, `epoch` names this store.
counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("epoch", Text, nullable=False),
)
