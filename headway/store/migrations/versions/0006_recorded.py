"""Jobs that only RQ itself has said anything of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    recorded: sa.Column[bool] = sa.Column(
        "recorded", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("jobs", recorded)
