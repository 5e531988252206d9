"""What browser tests get: a running Headway, a real Chromium, and tabs that must stay clean."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.support.browser import MISSING, Visitor, executable, launched
from tests.support.system import System
from tests.support.system_end import ended_afterwards

KINDS = "tests.support.browser_kinds"
# Milliseconds that a page may need on a busy machine; one that is right does not wait for them.
WITHIN_MILLISECONDS = 15_000
# The same for a portrait or a story, which are real work.
MAKING_MILLISECONDS = 60_000

expect.set_options(timeout=WITHIN_MILLISECONDS)


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One running Headway for all of these tests; whoever breaks a part of it mends it."""
    running = System(tmp_path_factory.mktemp("system"), kinds=KINDS)
    with ended_afterwards(running):
        running.start()
        yield running


# Of the package, not of the session: an event loop that Playwright holds would be in the way of
# every asynchronous test after these.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The browser; where there is none, tests are skipped, but not in CI."""
    path = executable(playwright)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with launched(playwright, path) as started:
        yield started


@pytest.fixture
def visit(system: System, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors; no page of theirs may throw, nor be refused anything by its policy."""
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        settings = {"base_url": f"http://127.0.0.1:{system.port}"} | options
        context = browser.new_context(**settings)
        context.set_default_timeout(WITHIN_MILLISECONDS)
        visitors.append(Visitor(context))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
        assert visitor.faults == []


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody with an ordinary browser."""
    return visit()


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A tab of an ordinary browser."""
    return visitor.page()


@pytest.fixture
def plain_page(visit: Callable[..., Visitor]) -> Page:
    """A tab of a browser without JavaScript."""
    return visit(java_script_enabled=False).page()


class Pace:
    """How far a job may go; the test moves it on."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.to(0)

    def to(self, percent: int) -> None:
        """Let the job go on to this percent."""
        Path(self.path).write_text(str(percent))


@pytest.fixture
def pace(tmp_path: Path) -> Iterator[Pace]:
    """The pace of this test's job; in the end the job may go to its end."""
    made = Pace(tmp_path / "pace")
    yield made
    made.to(100)
