"""The tables of characters and stories belong to the examples, which make them when they are there.

Where they are empty they go; where they hold something they stay as they are. The deleted jobs
whose records they need are named in a table of the store's own.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table("kept_tombstones", sa.Column("job_id", TEXT, primary_key=True))
    # A job makes one thing; two rows of one job were put there by hand.
    op.execute(
        "INSERT INTO kept_tombstones (job_id)"
        " SELECT job_id FROM characters UNION SELECT job_id FROM stories"
    )
    for table in ("characters", "stories"):
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first() is None:  # noqa: S608
            op.drop_table(table)
