"""A store whose files become read-only while a process has it open."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jobs.settings import Settings
from jobs.store import sqlite
from tests.support.chaos_outages import immutable

WRITER = """
import sys
from pathlib import Path
from jobs.store import sqlite

connection = sqlite.connect(Path(sys.argv[1]))
with sqlite.immediate(connection):
    connection.execute("CREATE TABLE tried (once)")
connection.execute("PRAGMA wal_checkpoint")
print("open", flush=True)
sys.stdin.readline()
with sqlite.immediate(connection):
    connection.execute("INSERT INTO tried VALUES (1)")
"""
END_SECONDS = 20


def test_a_write_is_refused_and_does_not_end_the_process(store: Settings) -> None:
    path = store.database_path
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        files = sorted(path.parent.glob(f"{path.name}*"))
        assert f"{path.name}-shm" in [file.name for file in files]
        # As after some seconds: the kernel has written the mapped pages and wants to be asked
        # before the next change to them.
        with path.with_name(f"{path.name}-shm").open("rb") as index:
            os.fsync(index.fileno())
        try:
            with immutable(files):
                _, said = writer.communicate("go on\n", timeout=END_SECONDS)
        except PermissionError as error:
            writer.kill()
            pytest.skip(str(error))

    assert writer.returncode == 1, said
    assert "StoreUnavailable: The store cannot be used" in said
    connection = sqlite.connect(path)
    assert connection.execute("SELECT count(*) FROM tried").fetchone() == (0,)
    connection.close()
