"""Which of the suite's processes runs which tests, and what comes first."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Chaos mostly waits. One process alone for what shares a stage leaves the processors to the
# others, and sets the stage once.
CHAOS = "tests/system/test_chaos_"
ON_A_STAGE_OF_THEIR_OWN = tuple(f"{CHAOS}{name}" for name in ("application", "network", "random"))
# One server for all the tests of a store on PostgreSQL.
ON_POSTGRESQL = "tests/integration/test_store_"
OTHERS_ON_POSTGRESQL = tuple(
    f"tests/{name}.py"
    for name in (
        "integration/test_last_hour",
        "integration/test_reconcile_lost",
        "integration/test_reconcile_queued",
        "integration/test_relay",
        "integration/test_reporter",
        "integration/test_worker_endings",
        "system/test_on_postgresql",
    )
)
# Begun early, the longest leave no process without work at the end.
LONGEST = (
    CHAOS,
    ON_POSTGRESQL,
    *OTHERS_ON_POSTGRESQL,
    "tests/unit/test_checks.py",
    "tests/system/test_churn.py",
    "tests/system/test_three_doors.py",
    "tests/system/test_installing.py",
    "tests/system/test_adoption.py",
)


class SharedInOne(LoadFileScheduling):
    """Whole files to whoever is free, but those that share a stage or a server to one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith((ON_POSTGRESQL, *OTHERS_ON_POSTGRESQL)):
            return ON_POSTGRESQL
        shared = nodeid.startswith(CHAOS) and not nodeid.startswith(ON_A_STAGE_OF_THEIR_OWN)
        return CHAOS if shared else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedInOne | None:
    """Take this way in place of xdist's `loadfile`, unless another way is asked for."""
    return SharedInOne(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; the rest stays as it is."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
