"""The names that the statements use are those of the tables."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from headway.model.record import OF_ATTEMPT
from headway.store import history, workers
from headway.store.jobs import JOB_NAMES
from headway.store.tables import jobs, metadata


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("jobs", JOB_NAMES),
        ("attempts", history.ATTEMPT_COLUMNS),
        ("moments", history.TRANSITION_COLUMNS),
        ("workers", workers.COLUMNS),
    ],
)
def test_every_column_of_a_table_is_read_and_written(table: str, names: tuple[str, ...]) -> None:
    columns = _of(metadata.tables[table])

    assert len(names) == len(set(names))
    assert set(names) == columns


def test_what_ends_with_an_attempt_may_be_empty() -> None:
    assert {column.name for column in jobs.c if column.nullable} >= OF_ATTEMPT


def _of(table: Table) -> set[str]:
    return {column.name for column in table.c}
