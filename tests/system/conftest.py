"""What system tests get: the whole of Headway as processes, and no trace of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.system import System
from tests.support.waiting import eventually

# How much of each program's output is shown with a test that fails, in characters.
SHOWN_CHARACTERS = 4_000


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A running system of the test's own, to be ill-treated."""
    with _running(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def shared_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A running system for tests that leave it as it was."""
    with _running(tmp_path_factory.mktemp("system")) as started:
        yield started


@contextmanager
def _running(folder: Path) -> Iterator[System]:
    system = System(folder)
    try:
        system.start()
        yield system
        system.stop()
        eventually(lambda: not system.processes())
    finally:
        system.http.close()
        system.kill_everything()
        for program in system.programs.values():
            print(f"--- {program.name}\n{program.output[-SHOWN_CHARACTERS:]}")
