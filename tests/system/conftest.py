"""What system tests get: the whole of Headway as processes, and no trace of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.chaos_scene import Scene, staged, watched
from tests.support.system import System
from tests.support.system_end import ended_afterwards


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


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A scene that the tests of chaos share, unless they need one of their own."""
    folder: Path = tmp_path_factory.mktemp("chaos")
    with staged(System(folder)) as scene:
        yield scene


@pytest.fixture
def scene(stage: Scene) -> Iterator[Scene]:
    """The scene of one test, at rest before and after."""
    try:
        with watched(stage) as scene:
            yield scene
    finally:
        stage.audience.leave()


@contextmanager
def _running(folder: Path) -> Iterator[System]:
    system = System(folder)
    with ended_afterwards(system):
        system.start()
        yield system
