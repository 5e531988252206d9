"""Whose the files are that were sent in: each goes with the job that took it in."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from headway.model.record import Record
from headway.store.session import Session
from headway.store.sql import ALIVE, Sql, constant, named
from headway.store.tables import jobs, uploads

TAKE_IN = Sql(insert(uploads).values(name=named("name"), job_id=named("job_id")))
OF_JOB = Sql(select(uploads.c.name).where(uploads.c.job_id == named("job_id")))
HAND_DOWN = Sql(update(uploads).where(uploads.c.name == named("name")).values(job_id=named("heir")))
LET_GO = Sql(delete(uploads).where(uploads.c.name == named("name")))
HEIR = Sql(
    select(jobs.c.id)
    .where(jobs.c.kind == named("kind"), jobs.c.params.contains(named("text")), ALIVE)
    .order_by(jobs.c.created_at, jobs.c.id)
    .limit(constant(1))
    .offset(constant(0))
)


class UploadWriter(Session):
    """The part of the writer that knows whose the uploads are."""

    def _take_in(self, job_id: str, name: str) -> None:
        self.run(TAKE_IN, {"job_id": job_id, "name": name})

    def let_go_of_uploads(self, record: Record) -> list[str]:
        """The names of uploads that nobody needs any more, now that a job is deleted.

        One that another job of the same kind was asked for with is that one's from now on.
        """
        released = []
        with self.transaction():
            for (name,) in self.run(OF_JOB, {"job_id": record.id}):
                heirs = self.run(HEIR, {"kind": record.kind, "text": name})
                if heirs:
                    self.run(HAND_DOWN, {"name": name, "heir": heirs[0][0]})
                else:
                    self.run(LET_GO, {"name": name})
                    released.append(str(name))
        return released
