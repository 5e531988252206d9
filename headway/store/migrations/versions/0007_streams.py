"""Where a line of a log was written."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("log_lines", sa.Column("stream", sa.Text()))
