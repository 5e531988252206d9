"""Which database holds the store. PostgreSQL's driver is loaded only where it is used."""

from __future__ import annotations

from headway.settings import Settings
from headway.store.connection import BUSY_MILLISECONDS, Connection


def connect(settings: Settings, *, busy_milliseconds: int = BUSY_MILLISECONDS) -> Connection:
    """Open the store for writing. Raises StoreUnavailable."""
    if settings.on_postgresql:
        from headway.store.postgresql import PostgresConnection  # noqa: PLC0415  # see the top

        return PostgresConnection(settings.database_url, busy_milliseconds=busy_milliseconds)
    from headway.store.sqlite import SqliteConnection  # noqa: PLC0415  # each imports its own

    return SqliteConnection(settings.database_path, busy_milliseconds=busy_milliseconds)
