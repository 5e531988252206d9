"""How long chaos lasts, and which: `pytest --chaos-minutes N --chaos-seed N` and so on."""

from __future__ import annotations

import pytest

from tests.support.databases import POSTGRESQL, SQLITE
from tests.support.postgres import Postgres

CHAOS = ("tests/system/test_chaos_", "tests/system/test_three_doors")
# Random chaos of a run that asks for none, in seconds: enough for a few deaths.
SHORT_SECONDS = 15.0
# The same chaos each time, so that what fails can be repeated.
SEED = 1
# Longer than RQ's worker bears by itself, and as long as a worker's lease; in seconds.
OUTAGE_SECONDS = 12.0
# Jobs of an application whose workers are killed, and how many of these are; and of a whole run.
FEW_DOORS, ALL_DOORS = (60, 10), (200, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the options known."""
    group = parser.getgroup("chaos")
    group.addoption(
        "--chaos-minutes",
        type=float,
        default=0.0,
        help=f"length of the random chaos, in minutes; 0, the default, is {SHORT_SECONDS:.0f} s",
    )
    group.addoption(
        "--chaos-seed",
        type=int,
        default=SEED,
        help="another chaos than the usual one",
    )
    group.addoption(
        "--chaos-store",
        choices=[SQLITE, POSTGRESQL],
        default=SQLITE,
        help="the database that random chaos is had with",
    )
    group.addoption(
        "--chaos-outage",
        type=float,
        default=OUTAGE_SECONDS,
        help="length of the long outage of Redis, in seconds",
    )
    group.addoption(
        "--chaos-doors-whole",
        action="store_true",
        help="all three doors with {} jobs and {} kills, for {} and {}".format(
            *ALL_DOORS, *FEW_DOORS
        ),
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say of a chaos that failed how to repeat it."""
    failed = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    if any(report.nodeid.startswith(CHAOS) for report in failed):
        terminalreporter.write_line(f"chaos: --chaos-seed {config.getoption('--chaos-seed')}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give a long run the time it was told to take."""
    lasting = {
        "test_chaos_random.py": 60 * config.getoption("--chaos-minutes"),
        "test_chaos_redis.py": config.getoption("--chaos-outage") - OUTAGE_SECONDS,
    }
    for item in items:
        if (seconds := lasting.get(item.path.name, 0)) > 0:
            item.add_marker(pytest.mark.timeout(seconds + 600), append=False)


@pytest.fixture(scope="session")
def chaos_seconds(pytestconfig: pytest.Config) -> float:
    """How long random chaos goes on, in seconds."""
    minutes: float = pytestconfig.getoption("--chaos-minutes")
    return 60 * minutes or SHORT_SECONDS


@pytest.fixture
def chaos_store(request: pytest.FixtureRequest) -> dict[str, str]:
    """The variables that name the store of random chaos."""
    if request.config.getoption("--chaos-store") == SQLITE:
        return {}
    server: Postgres = request.getfixturevalue("shared_postgres")
    return {"DATABASE_URL": server.make("chaos")}


@pytest.fixture(scope="session")
def chaos_seed(pytestconfig: pytest.Config) -> int:
    """What all chance of the chaos comes from."""
    seed: int = pytestconfig.getoption("--chaos-seed")
    return seed


@pytest.fixture(scope="session")
def outage_seconds(pytestconfig: pytest.Config) -> float:
    """How long the long outage of Redis lasts, in seconds."""
    seconds: float = pytestconfig.getoption("--chaos-outage")
    return seconds


@pytest.fixture(scope="session")
def doors_size(pytestconfig: pytest.Config) -> tuple[int, int]:
    """How many jobs an application has, and how many of its workers are killed."""
    return ALL_DOORS if pytestconfig.getoption("--chaos-doors-whole") else FEW_DOORS
