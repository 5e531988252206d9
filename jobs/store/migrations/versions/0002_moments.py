"""A job's moments, and the process of each attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("pid", sa.Integer))
    op.add_column("attempts", sa.Column("birth", sa.Text))
    op.create_table(
        "moments",
        sa.Column("job_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("stalled", sa.Boolean, nullable=False),
        sa.Column("step", sa.Integer),
        sa.Column("steps", sa.Integer),
        sa.Column("step_name", sa.Text),
    )
