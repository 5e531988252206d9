"""The end of a test's system: asked to end as honcho does, without a trace; told if it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.system import System
from tests.support.waiting import eventually

# How much of each program's output is shown with a test that fails, in characters.
SHOWN_CHARACTERS = 4_000


@contextmanager
def ended_afterwards(system: System) -> Iterator[None]:
    """End a system after the block, and claim that no process of it is left."""
    try:
        yield
        system.stop()
        eventually(lambda: not system.processes())
    finally:
        system.http.close()
        system.kill_everything()
        for program in system.programs.values():
            print(f"--- {program.name}\n{program.output[-SHOWN_CHARACTERS:]}")
