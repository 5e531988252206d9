"""What a job's function gets, what a request said, where a job comes from, whose an upload is."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

# Headway's own ids are UUIDs of version 7, RQ's are of version 4 or whatever a program chose.
OWN_ID = "________-____-7___-____-____________"
# The one kind that took files in so far, and its parameter.
TAKES_IN, PHOTO = "character_generation", "reference_photo"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("arguments", TEXT))
    op.add_column("jobs", sa.Column("fingerprint", TEXT))
    op.add_column("jobs", sa.Column("origin", TEXT, nullable=False, server_default="headway"))
    op.create_table(
        "uploads",
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("job_id", TEXT, nullable=False),
    )
    op.create_index("uploads_by_job", "uploads", ["job_id"])
    bind = op.get_bind()
    bind.execute(_FROM_AN_APPLICATION, {"own": OWN_ID})
    bind.execute(_NAME_THE_NAMELESS)
    for name, job_id in _taken_in(bind).items():
        bind.execute(_OWNED, {"name": name, "job_id": job_id})


# An application that chooses ids like ours is recognized by its records: its function's dotted
# name, the last part of it for a title, and the arguments.
_FROM_AN_APPLICATION = sa.text(
    "UPDATE jobs SET origin = 'application' WHERE id NOT LIKE :own OR ("
    """params LIKE '{"args":[%],"kwargs":{%}}' AND kind LIKE '%.' || title)"""
)
# A link without a word in it cannot be followed.
_NAME_THE_NAMELESS = sa.text("UPDATE jobs SET title = kind WHERE trim(title) = ''")
_OWNED = sa.text("INSERT INTO uploads (name, job_id) VALUES (:name, :job_id)")
_WITH_PHOTO = sa.text(
    "SELECT id, params FROM jobs WHERE kind = :kind AND deleted = :no AND params LIKE :photo"
    " ORDER BY created_at, id"
).bindparams(sa.bindparam("no", value=False, type_=sa.Boolean()))


def _taken_in(bind: sa.Connection) -> dict[str, str]:
    """Each stored photo, and the first job that has it: later ones only named it."""
    owners: dict[str, str] = {}
    asked = {"kind": TAKES_IN, "photo": f'%"{PHOTO}":"%'}
    for job_id, params in bind.execute(_WITH_PHOTO, asked):
        name = json.loads(params).get(PHOTO)
        if isinstance(name, str):
            owners.setdefault(name, job_id)
    return owners
