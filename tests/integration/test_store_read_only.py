"""A store whose files become read-only while a process has it open."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headway.settings import Settings
from headway.store import sqlite
from tests.support.chaos_outages import immutable

WRITER = """
import sys
from pathlib import Path
from headway.store import sqlite

connection = sqlite.connect(Path(sys.argv[1]))
with sqlite.immediate(connection):
    connection.execute("CREATE TABLE tried (once)")
connection.execute("PRAGMA wal_checkpoint")
print("open", flush=True)
sys.stdin.readline()
with sqlite.immediate(connection):
    connection.execute("INSERT INTO tried VALUES (1)")
"""
READER = """
import sys
from pathlib import Path
from headway.store import sqlite

connection = sqlite.connect(Path(sys.argv[1]))
connection.execute("SELECT count(*) FROM jobs").fetchall()
print("open", flush=True)
sys.stdin.readline()
print(connection.execute("SELECT count(*) FROM tried").fetchall(), flush=True)
"""
END_SECONDS = 20


def test_a_write_is_refused_and_does_not_end_the_process(store: Settings) -> None:
    path = store.database_path
    with _open(WRITER, path) as writer:
        code, _, said = _go_on_read_only(writer, path)

    assert code == 1, said
    assert "StoreUnavailable: The store cannot be used" in said
    connection = sqlite.connect(path)
    assert connection.execute("SELECT count(*) FROM tried").fetchone() == (0,)
    connection.close()


def test_what_was_written_last_is_read_and_does_not_end_the_process(store: Settings) -> None:
    path = store.database_path
    with _open(READER, path) as reader:
        connection = sqlite.connect(path)
        with sqlite.immediate(connection):
            connection.execute("CREATE TABLE tried (once)")
        code, read, said = _go_on_read_only(reader, path)
        connection.close()

    assert code == 0, said
    assert read == "[(0,)]\n"


@contextmanager
def _open(script: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that has the store open and waits for a line."""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def _go_on_read_only(process: subprocess.Popen[str], path: Path) -> tuple[int, str, str]:
    """Let the process go on while the store's files are read-only: how it ended, what it said."""
    files = sorted(path.parent.glob(f"{path.name}*"))
    assert f"{path.name}-shm" in [file.name for file in files]
    # As after some seconds: the kernel has written the mapped pages and wants to be asked
    # before the next change to them.
    with path.with_name(f"{path.name}-shm").open("rb") as index:
        os.fsync(index.fileno())
    try:
        with immutable(files):
            printed, said = process.communicate("go on\n", timeout=END_SECONDS)
    except PermissionError as error:
        pytest.skip(str(error))
    return process.returncode, printed, said
