"""When each job came into its state, how large its result is, and its files in their own table.

The table of jobs is rebuilt: what can be large comes last, so that lists need not read it.
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
# Rows that are put in at a time.
CHUNK = 1_000

NEEDED, PLAIN = False, True
COLUMNS = (
    ("kind", TEXT, NEEDED),
    ("queue", TEXT, NEEDED),
    ("owner", TEXT, PLAIN),
    ("title", TEXT, NEEDED),
    ("status", TEXT, NEEDED),
    ("seq", sa.BigInteger, NEEDED),
    ("attempt", sa.Integer, NEEDED),
    ("max_attempts", sa.Integer, NEEDED),
    ("progress", sa.Float, PLAIN),
    ("message", TEXT, NEEDED),
    ("step", sa.Integer, PLAIN),
    ("steps", sa.Integer, PLAIN),
    ("step_name", TEXT, PLAIN),
    ("eta_seconds", sa.Float, PLAIN),
    ("error_type", TEXT, PLAIN),
    ("error_message", TEXT, PLAIN),
    ("worker", TEXT, PLAIN),
    ("stalled", sa.Boolean, NEEDED),
    ("log_lines", sa.Integer, NEEDED),
    ("artifact_count", sa.Integer, NEEDED),
    ("result_bytes", sa.Integer, PLAIN),
    ("since", TEXT, NEEDED),
    ("created_at", TEXT, NEEDED),
    ("updated_at", TEXT, NEEDED),
    ("started_at", TEXT, PLAIN),
    ("ended_at", TEXT, PLAIN),
    ("run_at", TEXT, PLAIN),
    ("stop_by", TEXT, PLAIN),
    ("idempotency_key", TEXT, PLAIN),
    ("search_id", sa.BigInteger, PLAIN),
    ("deleted", sa.Boolean, NEEDED),
    ("fingerprint", TEXT, PLAIN),
    ("params", TEXT, NEEDED),
    ("arguments", TEXT, PLAIN),
    ("error_traceback", TEXT, PLAIN),
    ("result", TEXT, PLAIN),
)


def upgrade() -> None:
    _create_artifacts()
    op.rename_table("jobs", "jobs_before")
    op.create_table(
        "jobs",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("origin", TEXT, nullable=False, server_default="headway"),
        *(sa.Column(name, kind, nullable=plain) for name, kind, plain in COLUMNS),
    )
    op.execute(_copied())
    op.drop_table("jobs_before")  # its indices go with it
    _create_indices()


def _copied() -> str:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    made = {
        "artifact_count": "(SELECT count(*) FROM artifacts WHERE job_id = jobs_before.id)",
        "result_bytes": "length(CAST(result AS BLOB))" if on_sqlite else "octet_length(result)",
        "since": "coalesce(ended_at, started_at, created_at)",
    }
    names = ["id", "origin", *(name for name, _, _ in COLUMNS)]
    values = ", ".join(made.get(name, name) for name in names)
    return f"INSERT INTO jobs ({', '.join(names)}) SELECT {values} FROM jobs_before"  # noqa: S608  # ours


def _create_artifacts() -> None:
    table = op.create_table(
        "artifacts",
        sa.Column("job_id", TEXT, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    op.create_index("artifacts_by_name", "artifacts", ["job_id", "name"], unique=True)
    rows: list[dict[str, object]] = []
    for row in _listed():
        rows.append(row)
        if len(rows) == CHUNK:
            op.bulk_insert(table, rows)
            rows = []
    if rows:
        op.bulk_insert(table, rows)


def _listed() -> Iterator[dict[str, object]]:
    """The files that were in a list in each job's row."""
    found = op.get_bind().execute(sa.text("SELECT id, artifacts FROM jobs WHERE artifacts <> '[]'"))
    for job_id, listed in found.all():
        by_name = {artifact["name"]: artifact for artifact in json.loads(listed)}
        for number, artifact in enumerate(by_name.values(), 1):
            yield {"job_id": job_id, "number": number, **artifact}


def _create_indices() -> None:
    op.create_index("jobs_by_seq", "jobs", ["seq"])
    op.create_index("jobs_by_key", "jobs", ["idempotency_key"], unique=True)
    op.create_index("jobs_by_search", "jobs", ["search_id"])
    op.create_index("jobs_by_end", "jobs", ["deleted", "ended_at"])
    op.create_index("jobs_by_age", "jobs", ["deleted", "created_at", "id"])
    op.create_index("jobs_by_status", "jobs", ["deleted", "status", "since", "id"])
    op.create_index("jobs_by_kind", "jobs", ["deleted", "kind", "created_at", "id"])
    op.create_index("jobs_by_queue", "jobs", ["deleted", "queue", "created_at", "id"])
    started = sa.text("status = 'started'")
    op.create_index(
        "jobs_by_worker", "jobs", ["worker"], sqlite_where=started, postgresql_where=started
    )
