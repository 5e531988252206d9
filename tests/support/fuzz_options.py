"""How many broken requests, and which: `pytest --fuzz-requests N --fuzz-seed N`."""

from __future__ import annotations

import pytest

REQUESTS = 1_200
SEED = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the options known."""
    group = parser.getgroup("fuzz")
    group.addoption("--fuzz-requests", type=int, default=REQUESTS, help="how many are sent")
    group.addoption("--fuzz-seed", type=int, default=SEED, help="others than the usual ones")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say of a failure how to repeat it."""
    if any("test_fuzz" in report.nodeid for report in terminalreporter.getreports("failed")):
        terminalreporter.write_line(f"fuzz: --fuzz-seed {config.getoption('--fuzz-seed')}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give a long run the time it takes."""
    for item in items:
        if item.path.name == "test_fuzz.py":
            seconds = 100 + config.getoption("--fuzz-requests") / 20
            item.add_marker(pytest.mark.timeout(seconds), append=False)
