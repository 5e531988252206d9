"""Every seq that was ever given to a change, kept by the store itself: none twice, none missing."""

from __future__ import annotations

from headway.settings import Settings
from tests.support import behind

_KEEP_ON_SQLITE = (
    "CREATE TABLE chaos_seqs (seq INTEGER NOT NULL)",
    "CREATE TRIGGER chaos_inserted AFTER INSERT ON jobs"
    " BEGIN INSERT INTO chaos_seqs VALUES (NEW.seq); END",
    "CREATE TRIGGER chaos_updated AFTER UPDATE ON jobs"
    " BEGIN INSERT INTO chaos_seqs VALUES (NEW.seq); END",
)
_KEEP_ON_POSTGRESQL = (
    "CREATE TABLE chaos_seqs (seq BIGINT NOT NULL)",
    "CREATE FUNCTION chaos_keep() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN INSERT INTO chaos_seqs VALUES (NEW.seq); RETURN NEW; END $$",
    "CREATE TRIGGER chaos_written AFTER INSERT OR UPDATE ON jobs"
    " FOR EACH ROW EXECUTE FUNCTION chaos_keep()",
)


def keep_seqs(store: Settings) -> None:
    """From now on keep the seq of each change."""
    for statement in _KEEP_ON_POSTGRESQL if store.on_postgresql else _KEEP_ON_SQLITE:
        behind.run(store, statement)


def seqs_are_contiguous(store: Settings) -> bool:
    """True when the changes so far took 1, 2, 3 and so on, up to what the counter says."""
    given = sorted(row[0] for row in behind.run(store, "SELECT seq FROM chaos_seqs"))
    return given == list(range(1, behind.counter(store) + 1))
