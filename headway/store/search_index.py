"""The full-text index: what of a job can be found, kept up to date by whoever writes the job.

It is SQLite's. On PostgreSQL a search looks at the jobs themselves, newest first.
"""

from __future__ import annotations

from sqlalchemy import column, delete, insert, literal_column, select, table

from headway.model.record import Record, dumps
from headway.store.session import Session
from headway.store.sql import Sql, named
from headway.store.tables import SEARCH_TABLE, jobs

# What SQLite calls a row's number, and how a full-text table is asked.
job_search = table(SEARCH_TABLE, column("rowid"), column("text"), column(SEARCH_TABLE))
# Longer texts are found by their beginning; in characters.
INDEXED_CHARACTERS = 20_000

_row_of_job = select(jobs.c.search_id).where(jobs.c.id == named("job_id"))
INDEX_JOB = Sql(
    insert(job_search)
    .prefix_with("OR REPLACE")
    .from_select(["rowid", "text"], _row_of_job.add_columns(named("text")))
)
FORGET_INDEXED = Sql(
    delete(job_search).where(literal_column("rowid") == _row_of_job.scalar_subquery())
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


class SearchIndexWriter(Session):
    """The part of the writer that keeps the index; each call is part of a transaction."""

    def _index(self, record: Record) -> None:
        if self._has_text_index:
            self.run(INDEX_JOB, {"job_id": record.id, "text": searched_text(record)})

    def _forget_indexed(self, job_id: str) -> None:
        if self._has_text_index:
            self.run(FORGET_INDEXED, {"job_id": job_id})
