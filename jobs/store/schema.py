"""The schema: brought up to date by whichever process comes first. It knows no record."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

from jobs.errors import StoreUnavailable
from jobs.settings import Settings
from jobs.store import sqlite

# The newest migration. Kept here so that a process that finds the store up to date need not
# load Alembic, which takes longer than everything else at its start; a test compares the two.
NEWEST = "0002"
MIGRATIONS = Path(__file__).parent / "migrations"

# How long, in milliseconds, a process waits while another one migrates.
MIGRATION_BUSY_MILLISECONDS = 60_000

log = logging.getLogger(__name__)


def ensure_schema(settings: Settings) -> None:
    """Create or upgrade the store where that is needed.

    Raises StoreUnavailable when the file or its folder cannot be used, or is of a newer Headway.
    """
    path = settings.database_path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"The store's folder cannot be made: {error}.") from error
    connection = sqlite.connect(path, busy_milliseconds=MIGRATION_BUSY_MILLISECONDS)
    try:
        # The file remembers this; it has to be said outside of a transaction.
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        if _revision(connection) == NEWEST:
            return
        with sqlite.immediate(connection, durable=True):
            if _revision(connection) != NEWEST:  # nobody was quicker
                _upgrade(connection)
                _begin_counting(connection)
                log.info("store %s is at revision %s", path, NEWEST)
    except sqlite.SqliteError as error:
        raise StoreUnavailable(f"The store cannot be prepared: {error}.") from error
    finally:
        connection.close()


def warn_of_old_sqlite() -> None:
    """Say it once where SQLite's WAL-reset bug is not repaired."""
    version = sqlite.library.sqlite_version_info
    if not sqlite.wal_is_safe(version):
        log.warning(
            "SQLite %s can lose pages when many processes share a file; 3.51.3 has the repair",
            sqlite.library.sqlite_version,
        )


def _revision(connection: Any) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if not connection.execute(known).fetchall():
        return None
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else None


def _upgrade(connection: Any) -> None:
    from alembic import command  # noqa: PLC0415  # slow to load, and seldom needed
    from alembic.config import Config  # noqa: PLC0415  # as above
    from alembic.util import CommandError  # noqa: PLC0415  # as above
    from sqlalchemy import create_engine  # noqa: PLC0415  # as above
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415  # as above

    engine = create_engine(
        "sqlite://",
        creator=lambda: _InTransaction(connection),
        poolclass=StaticPool,
        module=sqlite.library,
    )
    with engine.connect() as bound:
        config = Config(attributes={"connection": bound})
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreUnavailable(f"The store belongs to another version: {error}.") from error


class _InTransaction:
    """The connection as SQLAlchemy may have it: whoever began the transaction ends it."""

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


def _begin_counting(connection: Any) -> None:
    # Clients show this name with their position, so that a position in another store is
    # recognised and answered with a snapshot.
    row = {"epoch": secrets.token_hex(4)}
    connection.execute(
        "INSERT INTO counter (id, seq, epoch) SELECT 1, 0, :epoch"
        " WHERE NOT EXISTS (SELECT 1 FROM counter)",
        row,
    ).fetchall()
