"""The schema: brought up to date by whichever process comes first."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

from headway.errors import StoreUnavailable
from headway.settings import Settings
from headway.store import sqlite
from headway.store.database import connect
from headway.store.sql import Sql

MIGRATIONS = Path(__file__).parent / "migrations"
# The newest migration, by its file's name: a process that finds the store up to date need not load
# Alembic, which takes longer than everything else at its start.
NEWEST = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

# How long, in milliseconds, a process waits while another one migrates.
MIGRATION_BUSY_MILLISECONDS = 60_000
# What PostgreSQL calls that turn: any number, ours.
MIGRATION_LOCK = 4_839_217

log = logging.getLogger(__name__)


def ensure_schema(settings: Settings) -> None:
    """Create or upgrade the store where that is needed.

    Raises StoreUnavailable when the database cannot be used, or is of a newer Headway.
    """
    if not settings.on_postgresql:
        _ensure_in_file(settings.database_path)
    elif _revision_on_postgresql(settings) != NEWEST:
        _upgrade_on_postgresql(settings)


def warn_of_old_sqlite(settings: Settings) -> None:
    """Say it once where SQLite is used and its WAL-reset bug is not repaired."""
    version = sqlite.library.sqlite_version_info
    if not settings.on_postgresql and not sqlite.wal_is_safe(version):
        log.warning(
            "SQLite %s can lose pages when many processes share a file; 3.51.3 has the repair",
            sqlite.library.sqlite_version,
        )


def _ensure_in_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"The store's folder cannot be made: {error}.") from error
    connection = sqlite.connect(path, busy_milliseconds=MIGRATION_BUSY_MILLISECONDS)
    try:
        # The file remembers this; it has to be said outside of a transaction.
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        if _revision_of_file(connection) == NEWEST:
            return
        with sqlite.immediate(connection, durable=True):
            if _revision_of_file(connection) != NEWEST:  # another process may have been quicker
                _upgrade_file(connection)
                log.debug("store %s is at revision %s", path, NEWEST)
    except sqlite.SqliteError as error:
        raise StoreUnavailable(f"The store cannot be prepared: {error}.") from error
    finally:
        connection.close()


def _revision_of_file(connection: Any) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if not connection.execute(known).fetchall():
        return None
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else None


def _upgrade_file(connection: Any) -> None:
    from sqlalchemy import create_engine  # noqa: PLC0415  # slow to load, and seldom needed
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415  # as above

    engine = create_engine(
        "sqlite://",
        creator=lambda: _InTransaction(connection),
        poolclass=StaticPool,
        module=sqlite.library,
    )
    with engine.connect() as bound:
        _upgrade(bound)


def _revision_on_postgresql(settings: Settings) -> str | None:
    connection = connect(settings)
    try:
        if not connection.run(Sql("SELECT to_regclass('alembic_version')"), {})[0][0]:
            return None
        rows = connection.run(Sql("SELECT version_num FROM alembic_version"), {})
        return str(rows[0][0]) if rows else None
    finally:
        connection.close()


def _upgrade_on_postgresql(settings: Settings) -> None:
    from sqlalchemy import create_engine, exc, text  # noqa: PLC0415  # as above
    from sqlalchemy.pool import NullPool  # noqa: PLC0415  # as above

    from headway.store.postgresql import CONNECT_SECONDS, in_one_line  # noqa: PLC0415  # as above

    engine = create_engine(
        settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        poolclass=NullPool,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )
    try:
        with engine.begin() as bound:
            # The second process waits here, and then finds the work done.
            bound.execute(text(f"SET LOCAL lock_timeout = {MIGRATION_BUSY_MILLISECONDS}"))
            bound.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            _upgrade(bound)
            log.debug("store %s is at revision %s", settings.store_name, NEWEST)
    except exc.SQLAlchemyError as error:
        reason = in_one_line(getattr(error, "orig", None) or error)
        raise StoreUnavailable(f"The store cannot be prepared: {reason}.") from error


def _upgrade(bound: Any) -> None:
    from alembic import command  # noqa: PLC0415  # as above
    from alembic.config import Config  # noqa: PLC0415  # as above
    from alembic.util import CommandError  # noqa: PLC0415  # as above

    config = Config(attributes={"connection": bound})
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(f"The store belongs to another version: {error}.") from error
    _begin_counting(bound)


class _InTransaction:
    """The connection as SQLAlchemy may have it: `ensure_schema` begins and ends the transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Left to `ensure_schema`, so that a migration is there whole or not at all."""

    def rollback(self) -> None:
        """Left to `ensure_schema`; SQLAlchemy rolls back even a connection it has just opened."""

    def close(self) -> None:
        """Left to `ensure_schema`."""


def _begin_counting(bound: Any) -> None:
    # Clients show this name with their position, so that a position in another store is
    # recognised and answered with a snapshot.
    if bound.exec_driver_sql("SELECT id FROM counter").first() is None:
        epoch = secrets.token_hex(4)
        bound.exec_driver_sql(f"INSERT INTO counter (id, seq, epoch) VALUES (1, 0, '{epoch}')")  # noqa: S608
