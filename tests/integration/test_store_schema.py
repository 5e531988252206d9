"""The schema: who makes it, and that it is what the tables say."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from headway.errors import StoreUnavailable
from headway.settings import Settings, read_settings
from headway.store import Writer, ensure_schema, sqlite
from headway.store.schema import MIGRATIONS, NEWEST
from headway.store.tables import SEARCH_TABLE, metadata
from tests.support import behind, worker_process
from tests.support.by_hand import Hand


def test_the_migrations_make_exactly_the_tables(store: Settings) -> None:
    engine = create_engine(f"sqlite:///{store.database_path}", module=sqlite.library)
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            # SQLAlchemy has no words for a full-text table, nor for those SQLite makes behind it.
            "include_name": lambda name, kind, _: (
                kind != "table" or not name.startswith(SEARCH_TABLE)
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_preparing_a_store_again_changes_nothing(store: Settings, hand: Hand) -> None:
    epoch, record = hand.store.read_epoch(), hand.create()

    ensure_schema(store)

    assert hand.store.read_epoch() == epoch
    assert hand.store.job(record.id) == record


def test_processes_that_migrate_at_once_make_one_store(settings: Settings) -> None:
    processes = [worker_process.start(settings, ensure_schema) for _ in range(3)]
    for process in processes:
        process.join(worker_process.LONGEST_SECONDS)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert behind.run(settings, "SELECT count(*) FROM counter") == [(1,)]


def test_a_store_of_a_newer_headway_is_refused_and_left_as_it_is(store: Settings) -> None:
    behind.run(store, "UPDATE alembic_version SET version_num = 'ffff'")

    with pytest.raises(StoreUnavailable, match="ffff"):
        ensure_schema(store)

    assert behind.run(store, "SELECT version_num FROM alembic_version") == [("ffff",)]


def test_a_folder_that_cannot_be_made_is_told(settings: Settings) -> None:
    in_the_way = settings.data_dir / "file"
    in_the_way.touch()
    nowhere = read_settings(env_file=None, data_dir=in_the_way / "data")

    with pytest.raises(StoreUnavailable, match="folder cannot be made"):
        ensure_schema(nowhere)


def test_a_file_that_is_no_database_is_told(settings: Settings) -> None:
    settings.database_path.write_bytes(b"not a database at all, but a letter" * 100)

    with pytest.raises(StoreUnavailable, match="not a database"):
        ensure_schema(settings)


def test_each_store_has_a_name_of_its_own(store: Settings) -> None:
    other = read_settings(env_file=None, data_dir=store.data_dir / "other")
    ensure_schema(other)

    with Writer(store) as one, Writer(other) as two:
        assert one.read_epoch() != two.read_epoch()
