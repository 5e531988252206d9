"""What importing Headway loads: every worker, and every job that reports, waits for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import headway


def loaded_by(code: str) -> set[str]:
    """The top-level modules in a new process that has run the code."""
    show = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return set(said.stdout.split())


def test_a_job_that_reports_loads_no_more_than_the_report() -> None:
    loaded = loaded_by("from headway import report; report(1)")

    assert not loaded & {"pydantic", "redis", "rq", "sqlalchemy", "dotenv", "logging"}


def test_the_author_of_a_kind_loads_pydantic_and_neither_redis_nor_a_database() -> None:
    loaded = loaded_by("from headway import kind, report")

    assert "pydantic" in loaded
    assert not loaded & {"redis", "rq", "sqlalchemy", "sqlite3", "dotenv"}


def test_a_worker_loads_no_web_framework_and_no_migrations() -> None:
    loaded = loaded_by("import headway.supervisor")

    assert not loaded & {
        *("quart", "hypercorn", "sqlalchemy", "alembic", "aiosqlite", "psycopg", "click")
    }


def test_a_name_that_headway_does_not_have_is_an_attribute_error() -> None:
    assert callable(headway.kind)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = headway.no_such_name
