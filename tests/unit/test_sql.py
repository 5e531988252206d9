"""One text of SQL, in the words of each database."""

from __future__ import annotations

import pytest

from headway.store.sql import Sql


@pytest.mark.parametrize(
    ("text", "sqlite", "postgresql"),
    [
        ("id = :job_id", "id = :job_id", "id = %(job_id)s"),
        (
            "LIMIT :most OFFSET :newest",
            "LIMIT :most OFFSET :newest",
            "LIMIT %(most)s OFFSET %(newest)s",
        ),
        ("at LIKE '%' || :text", "at LIKE '%' || :text", "at LIKE '%%' || %(text)s"),
        ("a IS NOT DISTINCT FROM :a", "a IS :a", "a IS NOT DISTINCT FROM %(a)s"),
        ("SELECT '1'::text", "SELECT '1'::text", "SELECT '1'::text"),
        ("SELECT '{}', '12:30:15'", "SELECT '{}', '12:30:15'", "SELECT '{}', '12:30:15'"),
    ],
)
def test_a_statement_is_put_into_each_databases_words(
    text: str, sqlite: str, postgresql: str
) -> None:
    statement = Sql(text)

    assert (statement.sqlite, statement.postgresql) == (sqlite, postgresql)


def test_a_function_of_ours_takes_expressions_over_several_lines() -> None:
    later = "CASE WHEN a > b THEN a ELSE b END"

    statement = Sql(f"SELECT seconds_between(\n    {later}, c\n) AS wait")

    assert "julianday(c" in statement.sqlite
    assert f"CAST({later} AS TIMESTAMPTZ)" in " ".join(statement.postgresql.split()).replace(
        "CAST( ", "CAST("
    )
    assert "seconds_between" not in statement.sqlite + statement.postgresql


def test_what_a_pattern_is_looked_for_in_is_named_in_both() -> None:
    statement = Sql("SELECT 1 FROM jobs WHERE contains_pattern(title) OR contains_pattern(kind)")

    assert statement.sqlite.count("lower(title)") == statement.sqlite.count("lower(kind)") == 1
    assert statement.postgresql.count("ILIKE %(pattern)s") == 2
