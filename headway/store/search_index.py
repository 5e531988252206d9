"""The full-text index: what of a job can be found, kept up to date with each write of a job.

It is SQLite's. On PostgreSQL a search looks at the jobs themselves, newest first.
"""

from __future__ import annotations

from headway.model.record import Record, dumps
from headway.store.sql import Sql

# Longer texts are found by their beginning; in characters.
INDEXED_CHARACTERS = 20_000

INDEX_JOB = Sql(
    "INSERT OR REPLACE INTO job_search (rowid, text)"
    " SELECT search_id, :text FROM jobs WHERE id = :job_id"
)
FORGET_INDEXED = Sql(
    "DELETE FROM job_search WHERE rowid = (SELECT search_id FROM jobs WHERE id = :job_id)"
)


def searched_text(record: Record) -> str:
    """What a search looks at: title, kind, parameters, and how the job ended if it did.

    What a job says before its end changes too often to be indexed; it is searched where it is.
    """
    said = [record.title, record.kind, dumps(record.params)]
    if record.final:
        said.append(record.message)
    if record.error is not None:
        said.append(record.error.message)
    return "\n".join(said)[:INDEXED_CHARACTERS]
