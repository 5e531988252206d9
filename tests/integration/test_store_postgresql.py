"""A store on PostgreSQL: what is asked of it beyond what every store is asked."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import FrameType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from headway.errors import StoreMisused, StoreUnavailable
from headway.model.record import Record
from headway.settings import Settings
from headway.store import Reader, Writer, ensure_schema, jobs
from headway.store import postgresql as driver
from headway.store.reader import CONNECTIONS
from headway.store.reading import ThreadReading
from headway.store.sql import Sql
from headway.store.tables import metadata
from tests.support import behind, worker_process
from tests.support.by_hand import Hand, a_record
from tests.support.databases import ON_POSTGRESQL
from tests.support.postgres import SHARED, Postgres
from tests.support.waiting import eventually, eventually_async

pytestmark = ON_POSTGRESQL

# Longest, in seconds, that a call may take when the server says nothing: each of two tries has
# its patience, and a machine may be busy.
PATIENCE_SECONDS = 20.0


@pytest.fixture
def nowhere(settings: Settings, shared_postgres: Postgres, database: str) -> Settings:
    """Settings that name a database with nothing in it."""
    assert database
    return settings.model_copy(
        update={"database_url": shared_postgres.make(f"empty{time.monotonic_ns()}")}
    )


@pytest.fixture
def frozen(store: Settings, shared_postgres: Postgres) -> Iterator[Settings]:
    """A store whose server says nothing, with every connection open."""
    shared_postgres.freeze()
    yield store
    shared_postgres.thaw()


def test_the_migrations_make_exactly_the_tables(store: Settings) -> None:
    url = store.database_url.replace("postgresql://", "postgresql+psycopg://")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, metadata) == []


def test_processes_that_migrate_at_once_make_one_store(nowhere: Settings) -> None:
    processes = [worker_process.start(nowhere, ensure_schema) for _ in range(3)]
    for process in processes:
        process.join(worker_process.LONGEST_SECONDS)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert behind.run(nowhere, "SELECT count(*) FROM counter") == [(1,)]


def test_a_store_of_a_newer_headway_is_refused_and_left_as_it_is(nowhere: Settings) -> None:
    ensure_schema(nowhere)
    behind.run(nowhere, "UPDATE alembic_version SET version_num = 'ffff'")

    with pytest.raises(StoreUnavailable, match="ffff"):
        ensure_schema(nowhere)

    assert behind.run(nowhere, "SELECT version_num FROM alembic_version") == [("ffff",)]


def test_a_database_that_is_not_there_is_told_without_the_password(store: Settings) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/headway"
    away = store.model_copy(update={"database_url": url})

    with pytest.raises(StoreUnavailable) as told:
        ensure_schema(away)

    assert "refused" in str(told.value)
    assert "\n" not in str(told.value)
    assert "secret" not in f"{told.value} {away.store_name}"


def test_a_writer_whose_connection_was_ended_writes_on(
    hand: Hand, shared_postgres: Postgres
) -> None:
    record = hand.create()

    shared_postgres.throw_out()

    assert hand.change(record, message="written").seq == record.seq + 1


def test_a_writer_thrown_out_in_its_transaction_leaves_nothing_and_writes_on(
    hand: Hand, shared_postgres: Postgres
) -> None:
    record = hand.create()

    with pytest.raises(StoreUnavailable), hand.store.transaction():
        hand.store.run(jobs.NEXT_SEQ, {})
        shared_postgres.throw_out()
        hand.store.run(jobs.NEXT_SEQ, {})

    assert hand.change(record, message="written").seq == record.seq + 1


async def test_a_reader_whose_connections_were_ended_reads_on(
    hand: Hand, reader: Reader, shared_postgres: Postgres
) -> None:
    record = hand.create()
    for _ in range(CONNECTIONS):
        await reader.job(record.id)

    shared_postgres.throw_out()

    for _ in range(CONNECTIONS):
        assert (await reader.job(record.id)).id == record.id


def test_a_server_that_says_nothing_holds_nobody_up_and_is_used_again(
    hand: Hand, frozen: Settings, shared_postgres: Postgres
) -> None:
    hand.store.wait_up_to(20)
    record = a_record()
    began = time.monotonic()

    with pytest.raises(StoreUnavailable):
        hand.store.create(record)

    assert time.monotonic() - began < PATIENCE_SECONDS
    shared_postgres.thaw()
    assert eventually(lambda: _created(hand, record))


def _created(hand: Hand, record: Record) -> bool:
    try:
        return hand.store.create(record) is not None
    except StoreUnavailable:
        return False


async def test_a_reader_of_a_server_that_says_nothing_is_told_and_reads_again(
    hand: Hand, reader: Reader, shared_postgres: Postgres
) -> None:
    record = hand.create()
    for connection in reader._all:
        assert isinstance(connection, ThreadReading)
        connection._connection.wait_up_to(20)
    shared_postgres.freeze()
    try:
        with pytest.raises(StoreUnavailable):
            await reader.job(record.id)
    finally:
        shared_postgres.thaw()

    for _ in range(CONNECTIONS):
        assert (await reader.job(record.id)).id == record.id


def test_a_writer_that_is_frozen_in_its_transaction_is_ended_by_the_server(
    store: Settings, hand: Hand
) -> None:
    url = store.database_url
    frozen = driver.PostgresConnection(url, busy_milliseconds=1_000, idle_milliseconds=50)
    with closing(frozen), pytest.raises(StoreUnavailable), frozen.transaction():
        frozen.run(jobs.NEXT_SEQ, {})

        assert hand.create().seq == 1


def test_an_exception_in_the_middle_of_a_statement_leaves_the_writer_of_use(
    store: Settings, hand: Hand
) -> None:
    record = hand.create()
    previous = signal.signal(signal.SIGALRM, _strike)
    try:
        with behind.locked(store):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(Struck):
                hand.change(record, message="too late")
    finally:
        signal.signal(signal.SIGALRM, previous)

    assert hand.change(record, message="written").seq == record.seq + 1


class Struck(Exception):
    """As RQ's time limit strikes: out of a signal's handler, wherever the code is."""


def _strike(_number: int, _frame: FrameType | None) -> None:
    raise Struck


async def test_a_read_that_nobody_waits_for_any_more_ends_in_the_server_too(
    store: Settings, reader: Reader
) -> None:
    reading = reader._all[0]
    assert isinstance(reading, ThreadReading)
    reading._connection.wait_up_to(20)

    with pytest.raises(StoreUnavailable):
        await reading.rows(Sql("SELECT pg_sleep(60)"), {})

    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE ?"
    await eventually_async(lambda: behind.run(store, running, "SELECT pg_sleep%") == [(0,)])


def test_writers_take_turns_whatever_isolation_the_database_is_set_to(
    store: Settings, hand: Hand
) -> None:
    strict = f"ALTER DATABASE {SHARED} SET default_transaction_isolation TO"
    behind.run(store, f"{strict} 'repeatable read'")
    record = hand.create()
    try:
        with Writer(store) as second, behind.connect(store) as first, ThreadPoolExecutor() as pool:
            with first.transaction():
                first.execute("UPDATE counter SET seq = seq + 1")
                saving = pool.submit(second.note, record, "waited")
                eventually(lambda: _waits_for_a_lock(store))
            saved = saving.result()
    finally:
        behind.run(store, f"{strict} DEFAULT")

    assert saved is not None
    assert saved.seq == record.seq + 2


def _waits_for_a_lock(store: Settings) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return bool(behind.run(store, query)[0][0])


def test_a_character_that_no_database_text_can_hold_is_replaced(hand: Hand) -> None:
    record = hand.create(title="a\0b")

    assert hand.store.job(record.id).title == "a�b"


def test_a_mistake_of_our_own_is_told_from_a_trouble(hand: Hand) -> None:
    with pytest.raises(StoreMisused):
        hand.create(kind=None)

    assert hand.create().seq == 1


def test_a_table_that_is_there_is_defined_again_without_the_right_to_make_one(
    store: Settings, hand: Hand
) -> None:
    table = ("CREATE TABLE IF NOT EXISTS cards (id TEXT NOT NULL PRIMARY KEY)",)
    hand.store.define(table)
    behind.run(store, "CREATE ROLE plain LOGIN")
    url = store.database_url.replace("//headway@", "//plain@")
    try:
        with Writer(store.model_copy(update={"database_url": url})) as plain:
            plain.define(table)
            with pytest.raises(StoreUnavailable, match="permission denied"):
                plain.define(("CREATE TABLE IF NOT EXISTS others (id TEXT)",))
    finally:
        behind.run(store, "DROP ROLE plain")
