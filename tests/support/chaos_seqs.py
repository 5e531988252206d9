"""Every seq that was ever given to a change, kept by the store itself: none twice, none missing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from jobs.store import sqlite

_KEEP = (
    "CREATE TABLE chaos_seqs (seq INTEGER NOT NULL)",
    "CREATE TRIGGER chaos_inserted AFTER INSERT ON jobs"
    " BEGIN INSERT INTO chaos_seqs VALUES (NEW.seq); END",
    "CREATE TRIGGER chaos_updated AFTER UPDATE ON jobs"
    " BEGIN INSERT INTO chaos_seqs VALUES (NEW.seq); END",
)


def keep_seqs(database: Path) -> None:
    """From now on keep the seq of each change."""
    with closing(sqlite.connect(database)) as connection:
        for statement in _KEEP:
            connection.execute(statement).fetchall()


def seqs_are_contiguous(database: Path) -> bool:
    """True when the changes so far took 1, 2, 3 and so on, up to what the counter says."""
    with closing(sqlite.connect(database)) as connection:
        given = [row[0] for row in connection.execute("SELECT seq FROM chaos_seqs").fetchall()]
        counter = connection.execute("SELECT seq FROM counter").fetchall()[0][0]
    return sorted(given) == list(range(1, counter + 1))
