"""The first tables: jobs, attempts, log lines, characters, stories, workers, the counter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _create_jobs()
    _create_attempts_and_log()
    _create_characters_and_stories()
    _create_workers_and_counter()


def _text(name: str, *, needed: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=not (needed or key), primary_key=key)


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        _text("id", key=True),
        _text("kind", needed=True),
        _text("queue", needed=True),
        _text("owner"),
        _text("title", needed=True),
        _text("status", needed=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("progress", sa.Float),
        _text("message", needed=True),
        sa.Column("step", sa.Integer),
        sa.Column("steps", sa.Integer),
        _text("step_name"),
        sa.Column("eta_seconds", sa.Float),
        _text("params", needed=True),
        _text("result"),
        _text("error_type"),
        _text("error_message"),
        _text("error_traceback"),
        _text("worker"),
        sa.Column("stalled", sa.Boolean, nullable=False),
        sa.Column("log_lines", sa.Integer, nullable=False),
        _text("artifacts", needed=True),
        _text("created_at", needed=True),
        _text("updated_at", needed=True),
        _text("started_at"),
        _text("ended_at"),
        _text("run_at"),
        _text("stop_by"),
        _text("idempotency_key"),
        sa.Column("search_id", sa.BigInteger),
        sa.Column("deleted", sa.Boolean, nullable=False),
    )
    op.create_index("jobs_by_seq", "jobs", ["seq"])
    op.create_index("jobs_by_key", "jobs", ["idempotency_key"], unique=True)
    op.create_index("jobs_by_search", "jobs", ["search_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE job_search USING fts5(text, tokenize='trigram')")
    op.create_index("jobs_by_end", "jobs", ["deleted", "ended_at"])
    op.create_index("jobs_by_age", "jobs", ["deleted", "created_at", "id"])
    op.create_index("jobs_by_status", "jobs", ["deleted", "status", "created_at", "id"])
    op.create_index("jobs_by_kind", "jobs", ["deleted", "kind", "created_at", "id"])
    started = sa.text("status = 'started'")
    op.create_index(
        "jobs_by_worker", "jobs", ["worker"], sqlite_where=started, postgresql_where=started
    )


def _create_attempts_and_log() -> None:
    op.create_table(
        "attempts",
        _text("job_id", key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _text("status", needed=True),
        _text("worker"),
        _text("host"),
        _text("started_at"),
        _text("ended_at"),
        sa.Column("peak_memory_bytes", sa.BigInteger),
        _text("error_type"),
        _text("error_message"),
        _text("error_traceback"),
    )
    op.create_table(
        "log_lines",
        _text("job_id", key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _text("at", needed=True),
        _text("text", needed=True),
    )


def _create_characters_and_stories() -> None:
    op.create_table(
        "characters",
        _text("id", key=True),
        _text("job_id", needed=True),
        _text("name", needed=True),
        sa.Column("age", sa.Integer, nullable=False),
        _text("gender", needed=True),
        _text("personality_profile", needed=True),
        _text("art_style", needed=True),
        _text("user_id"),
        _text("created_at", needed=True),
    )
    op.create_index("characters_by_age", "characters", ["created_at", "id"])
    op.create_table(
        "stories",
        _text("id", key=True),
        _text("job_id", needed=True),
        _text("character_id", needed=True),
        _text("character_name", needed=True),
        _text("theme", needed=True),
        _text("length", needed=True),
        _text("title", needed=True),
        _text("chapters", needed=True),
        _text("created_at", needed=True),
    )
    op.create_index("stories_by_age", "stories", ["created_at", "id"])


def _create_workers_and_counter() -> None:
    op.create_table(
        "workers",
        _text("name", key=True),
        _text("host", needed=True),
        sa.Column("pid", sa.Integer, nullable=False),
        _text("place", needed=True),
        _text("birth"),
        _text("queue", needed=True),
        sa.Column("memory_bytes", sa.BigInteger),
        _text("started_at", needed=True),
        _text("heartbeat_at", needed=True),
        _text("ended_at"),
    )
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        _text("epoch", needed=True),
    )
