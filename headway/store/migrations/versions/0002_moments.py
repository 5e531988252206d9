"""A job's moments, and the process of each attempt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("pid", sa.Integer))
    op.add_column("attempts", sa.Column("birth", TEXT))
    op.create_table(
        "moments",
        sa.Column("job_id", TEXT, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("stalled", sa.Boolean, nullable=False),
        sa.Column("step", sa.Integer),
        sa.Column("steps", sa.Integer),
        sa.Column("step_name", TEXT),
    )
