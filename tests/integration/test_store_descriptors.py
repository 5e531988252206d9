"""A process that closed the store's files, and opened its own in their place, writes to neither."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from headway.settings import Settings
from tests.support import behind
from tests.support.by_hand import Hand

SECONDS = 60
# What a program does that makes a daemon of itself, as its author has it.
CLOSED_AND_OPENED = """
import os, sys
from pathlib import Path
from headway.errors import StoreUnavailable
from headway.settings import read_settings
from headway.store import Writer
from headway.client import new_record
import tests.support.toy_jobs
folder, files = Path(sys.argv[1]), Path(sys.argv[2])
store = Writer(read_settings(env_file=None, data_dir=folder))
assert store.create(new_record("toy.count", {})) is not None
os.closerange(3, 256)
opened = [open(files / str(number), "w+b") for number in range(12)]
for _ in range(3):
    try:
        store.create(new_record("toy.count", {}))
    except StoreUnavailable as error:
        print(error)
store.close()
"""


def test_files_opened_in_place_of_the_stores_get_nothing_of_it(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    files = tmp_path / "authors"
    files.mkdir()
    said = subprocess.run(
        [sys.executable, "-c", CLOSED_AND_OPENED, str(store.data_dir), str(files)],
        capture_output=True, text=True, timeout=SECONDS, check=True,
    )  # fmt: skip

    assert said.stdout.count("closed") == 3, said.stdout
    assert {path.name: path.stat().st_size for path in files.iterdir()} == {
        str(number): 0 for number in range(12)
    }
    assert behind.run(store, "PRAGMA integrity_check") == [("ok",)]
    assert hand.create().seq == 2
