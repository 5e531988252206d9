"""The list of the files that a job left. The files themselves are in a folder, not here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from headway.model.record import Artifact
from headway.store.connection import Connection
from headway.store.sql import Sql

# The last number of a job is how many files it has: none is taken from its list alone.
ADD_ARTIFACT = Sql(
    """
    INSERT INTO artifacts (job_id, number, name, type, bytes) VALUES (
        :job_id,
        (SELECT coalesce(max(number), 0) + 1 FROM artifacts WHERE job_id = :job_id),
        :name, :type, :bytes
    )
    ON CONFLICT (job_id, name) DO UPDATE SET type = excluded.type, bytes = excluded.bytes
    RETURNING number
    """
)
FORGET_ARTIFACTS = Sql("DELETE FROM artifacts WHERE job_id = :job_id")
ARTIFACTS = Sql(
    """
    SELECT number, name, type, bytes FROM artifacts
    WHERE job_id = :job_id AND number > :after ORDER BY number LIMIT :most
    """
)
ARTIFACT = Sql(
    "SELECT number, name, type, bytes FROM artifacts WHERE job_id = :job_id AND name = :name"
)


def artifact_of(row: Sequence[Any]) -> Artifact:
    """The file in a row of ARTIFACTS."""
    _number, name, media_type, size = row
    return Artifact(name=name, type=media_type, bytes=size)


def add_artifacts(store: Connection, job_id: str, added: Iterable[Artifact], known: int) -> int:
    """List these files beside the `known` ones, in a transaction; returns how many there are."""
    for artifact in added:
        values = {"name": artifact.name, "type": artifact.type, "bytes": artifact.bytes}
        number: int = store.run(ADD_ARTIFACT, {"job_id": job_id, **values})[0][0]
        known = max(known, number)
    return known
