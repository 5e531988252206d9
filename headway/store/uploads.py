"""Which job an uploaded file belongs to: the file goes when that job is deleted."""

from __future__ import annotations

from headway.model.record import Record
from headway.store.connection import Connection
from headway.store.sql import Sql

TAKE_IN = Sql("INSERT INTO uploads (name, job_id) VALUES (:name, :job_id)")
OF_JOB = Sql("SELECT name FROM uploads WHERE job_id = :job_id")
HAND_DOWN = Sql("UPDATE uploads SET job_id = :heir WHERE name = :name")
LET_GO = Sql("DELETE FROM uploads WHERE name = :name")
HEIR = Sql(
    """
    SELECT id FROM jobs
    WHERE kind = :kind AND params LIKE '%' || :text || '%' AND deleted = false
    ORDER BY created_at, id LIMIT 1
    """
)


def release_uploads(store: Connection, record: Record) -> list[str]:
    """The names of uploads that no job needs any more, now that this one is deleted.

    One that another job of the same kind was asked for with belongs to that one from now on.
    """
    released = []
    with store.transaction():
        for (name,) in store.run(OF_JOB, {"job_id": record.id}):
            heirs = store.run(HEIR, {"kind": record.kind, "text": name})
            if heirs:
                store.run(HAND_DOWN, {"name": name, "heir": heirs[0][0]})
            else:
                store.run(LET_GO, {"name": name})
                released.append(str(name))
    return released
