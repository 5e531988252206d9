"""Which of the suite's processes runs which tests, and what comes first."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Chaos mostly waits. One process alone for it leaves the processors to the others, and sets
# the stage once.
CHAOS = "tests/system/test_chaos_"
# Begun early, the longest leave no process without work at the end.
LONGEST = (CHAOS, "tests/unit/test_checks.py")


class ChaosInOne(LoadFileScheduling):
    """Whole files to whoever is free, but all of chaos to one."""

    def _split_scope(self, nodeid: str) -> str:
        return CHAOS if nodeid.startswith(CHAOS) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ChaosInOne | None:
    """Take this way in place of xdist's `loadfile`, unless another way is asked for."""
    return ChaosInOne(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; the rest stays as it is."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
