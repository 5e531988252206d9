"""The list of the files that a job left. The files themselves are in a folder, not here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from headway.model.record import Artifact
from headway.store.session import Session
from headway.store.sql import Sql, constant, named
from headway.store.tables import artifacts

_of_job = artifacts.c.job_id == named("job_id")
# The last number of a job is how many files it has: none is taken from its list alone.
_next = select(func.coalesce(func.max(artifacts.c.number), constant(0)) + constant(1)).where(
    _of_job
)
_add = insert(artifacts).values(
    job_id=named("job_id"),
    number=_next.scalar_subquery(),
    name=named("name"),
    type=named("type"),
    bytes=named("bytes"),
)
ADD_ARTIFACT = Sql(
    _add.on_conflict_do_update(
        index_elements=[artifacts.c.job_id, artifacts.c.name],
        set_={"type": _add.excluded.type, "bytes": _add.excluded.bytes},
    ).returning(artifacts.c.number)
)
FORGET_ARTIFACTS = Sql(delete(artifacts).where(_of_job))
_shown = select(artifacts.c.number, artifacts.c.name, artifacts.c.type, artifacts.c.bytes)
ARTIFACTS = Sql(
    _shown.where(_of_job, artifacts.c.number > named("after"))
    .order_by(artifacts.c.number)
    .limit(named("most"))
    .offset(constant(0))
)
ARTIFACT = Sql(_shown.where(_of_job, artifacts.c.name == named("name")))


def artifact_of(row: Sequence[Any]) -> Artifact:
    """The file in a row of ARTIFACTS."""
    _number, name, media_type, size = row
    return Artifact(name=name, type=media_type, bytes=size)


class ArtifactWriter(Session):
    """The part of the writer that lists files; each call is part of a transaction."""

    def _add_artifacts(self, job_id: str, added: Iterable[Artifact], known: int) -> int:
        """List these files beside the `known` ones; returns how many there are now."""
        for artifact in added:
            values = {"name": artifact.name, "type": artifact.type, "bytes": artifact.bytes}
            number: int = self.run(ADD_ARTIFACT, {"job_id": job_id, **values})[0][0]
            known = max(known, number)
        return known

    def _forget_artifacts(self, job_id: str) -> None:
        self.run(FORGET_ARTIFACTS, {"job_id": job_id})
