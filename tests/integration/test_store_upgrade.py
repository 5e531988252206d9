"""A store that an earlier Headway filled: what becomes of its rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.pool import NullPool

from headway.model.record import Status, dumps, new_id
from headway.settings import Settings
from headway.store import Writer, ensure_schema, sqlite
from headway.store.jobs import columns_of
from headway.store.schema import MIGRATIONS
from tests.support import behind
from tests.support.by_hand import a_record
from tests.support.databases import ON_BOTH, POSTGRESQL

pytestmark = ON_BOTH


@pytest.fixture
def of_moments(request: pytest.FixtureRequest, settings: Settings, database: str) -> Settings:
    """A store at the revision 0002, without rows."""
    if database == POSTGRESQL:
        server = request.getfixturevalue("shared_postgres")
        address = server.make(f"earlier{time.monotonic_ns()}")
        settings = settings.model_copy(update={"database_url": address})
    with _engine(settings).begin() as bound:
        config = Config(attributes={"connection": bound})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, "0002")
    behind.run(settings, "INSERT INTO counter (id, seq, epoch) VALUES (1, 9, 'epoch')")
    return settings


def _engine(settings: Settings) -> Engine:
    if settings.on_postgresql:
        url = settings.database_url.replace("postgresql://", "postgresql+psycopg://")
        return create_engine(url, poolclass=NullPool)
    url = f"sqlite:///{settings.database_path}"
    return create_engine(url, poolclass=NullPool, module=sqlite.library)


@pytest.fixture
def upgraded(of_moments: Settings) -> Iterator[Writer]:
    """A writer of that store, brought up to date once it has rows."""
    with Writer(of_moments) as writer:
        yield writer


def _row(settings: Settings, **fields: Any) -> str:
    left = fields.pop("artifacts", "[]")
    record = a_record(**fields)
    engine = _engine(settings)
    names = [column["name"] for column in inspect(engine).get_columns("jobs")]
    values = columns_of(record) | {"artifacts": left}
    values = {name: values[name] for name in names}
    places = ", ".join("?" for _ in values)
    statement = f"INSERT INTO jobs ({', '.join(values)}) VALUES ({places})"
    behind.run(settings, statement, *values.values())
    return record.id


def test_where_a_job_comes_from_is_told_by_how_each_was_made(
    of_moments: Settings, upgraded: Writer
) -> None:
    asked = {"args": [1], "kwargs": {"b": 2}}
    ours = _row(of_moments, title="Count to 3", params={"to": 3})
    like_theirs = _row(of_moments, kind="run.it", title="Run.it", params=asked)
    by_rq = _row(of_moments, id="3f1f64a2-3d0c-4a6e-9d7a-0b8a1e4f5c11", params=asked)
    named = _row(of_moments, id="nightly", kind="mail.send", title="send", params=asked)
    unread = _row(of_moments, id="weekly", kind="(cannot be read: not JSON)", title="x")
    of_our_form = _row(of_moments, id=new_id(), kind="mail.send", title="send", params=asked)

    ensure_schema(of_moments)

    origins = {job_id: upgraded.job(job_id).origin for job_id in (ours, like_theirs)}
    assert set(origins.values()) == {"headway"}
    for job_id in (by_rq, named, unread, of_our_form):
        assert (job_id, upgraded.job(job_id).origin) == (job_id, "application")


def test_a_photo_belongs_to_the_first_job_that_has_it(of_moments: Settings) -> None:
    photo = {"kind": "character_generation", "params": {"reference_photo": "a-photo"}}
    later = "2026-02-01T00:00:00.000000Z"
    _row(of_moments, **photo, created_at=later)
    first = _row(of_moments, **photo, created_at=later.replace("02", "01"))
    _row(of_moments, kind="other", params={"reference_photo": "b-photo"})
    _row(of_moments, kind="character_generation", params={"reference_photo": None})

    ensure_schema(of_moments)

    assert behind.run(of_moments, "SELECT name, job_id FROM uploads") == [("a-photo", first)]


def test_a_job_without_a_title_is_called_by_its_kind(
    of_moments: Settings, upgraded: Writer
) -> None:
    blank, titled = _row(of_moments, title="  "), _row(of_moments, title="Count")

    ensure_schema(of_moments)

    assert upgraded.job(blank).title == "toy.count"
    assert upgraded.job(titled).title == "Count"


def test_a_jobs_files_its_result_and_the_moment_of_its_state_are_kept(
    of_moments: Settings, upgraded: Writer
) -> None:
    note, dot = ({"name": name, "type": "x/y", "bytes": 7} for name in ("note.txt", "dot.png"))
    ended = _row(
        of_moments,
        artifacts=dumps([note, dot]),
        status=Status.FINISHED,
        result="é",
        started_at="2026-01-02T00:00:00.000000Z",
        ended_at="2026-01-03T00:00:00.000000Z",
    )
    waiting = _row(of_moments, created_at="2026-01-01T00:00:00.000000Z")

    ensure_schema(of_moments)

    record = upgraded.job(ended)
    assert (record.result, record.result_bytes, record.artifact_count) == ("é", 4, 2)
    listed = "SELECT number, name, bytes FROM artifacts ORDER BY number"
    assert behind.run(of_moments, listed) == [(1, "note.txt", 7), (2, "dot.png", 7)]
    since = dict(behind.run(of_moments, "SELECT id, since FROM jobs"))
    assert since[ended] == record.ended_at
    assert since[waiting] == "2026-01-01T00:00:00.000000Z"


CHARACTER = {
    "id": "ada", "name": "Ada", "age": 34, "gender": "", "personality_profile": "",
    "art_style": "oil", "created_at": "2026-01-01T00:00:00.000000Z",
}  # fmt: skip


def _character(settings: Settings, job_id: str) -> None:
    values = CHARACTER | {"job_id": job_id}
    statement = f"INSERT INTO characters ({', '.join(values)}) VALUES ({', '.join('?' * 8)})"
    behind.run(settings, statement, *values.values())


def test_tables_of_the_examples_stay_where_they_hold_something(of_moments: Settings) -> None:
    job_id = _row(of_moments, kind="character_generation", params={})
    _character(of_moments, job_id)

    ensure_schema(of_moments)

    assert behind.run(of_moments, "SELECT name, job_id FROM characters") == [("Ada", job_id)]
    assert behind.run(of_moments, "SELECT job_id FROM kept_tombstones") == [(job_id,)]
    with pytest.raises(Exception, match="stories"):
        behind.run(of_moments, "SELECT id FROM stories")
