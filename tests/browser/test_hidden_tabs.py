"""A tab that nobody sees: it costs nothing after a while, unless somebody wants to be told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from quart_app.live.stream import SNAPSHOT_JOBS
from quart_app.pages.dashboard import PAGE_ROWS
from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.browser.test_notifications import opened
from tests.support.browser import Visitor, has_stayed, stays
from tests.support.chaos_held import open_streams
from tests.support.system import System
from tests.support.waiting import eventually

# Longer than a hidden tab keeps its stream, in milliseconds.
LONG_MILLISECONDS = 6 * 60_000
# Chromium shows every tab of a test as visible.
SEEN = """seen => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => !seen });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def job(system: System, pace: Pace) -> str:
    """The id of a job that is under way."""
    pace.to(10)
    job: str = system.submit("watched.walk", name="Unseen walk", pace=pace.path)["id"]
    eventually(lambda: system.job(job)["status"] == "started")
    return job


def hide(page: Page) -> None:
    """Go to another tab for a long time."""
    page.evaluate(SEEN, False)
    page.clock.fast_forward(LONG_MILLISECONDS)


def test_a_hidden_tab_lets_go_of_its_stream_and_shows_the_truth_when_it_is_seen_again(
    visitor: Visitor, system: System, job: str, pace: Pace
) -> None:
    page = visitor.page()
    page.clock.install()
    page.goto(f"/jobs/{job}")
    live(page)
    stays(page)
    eventually(lambda: open_streams(system) == 1)  # those of earlier tests have ended
    hide(page)
    eventually(lambda: open_streams(system) == 0)
    asked = len(visitor.requests)
    page.clock.fast_forward(LONG_MILLISECONDS)
    page.wait_for_load_state("networkidle")
    assert len(visitor.requests) == asked
    pace.to(100)
    system.ended(job)
    page.evaluate(SEEN, True)
    expect(page.get_by_role("main")).to_contain_text('"steps": 100')
    assert has_stayed(page)


def test_rows_below_the_newest_are_true_as_well_when_the_tab_is_seen_again(
    page: Page, system: System, job: str
) -> None:
    waiting = [_waiting(system, f"Early {number}") for number in range(PAGE_ROWS)]
    page.goto("/")
    live(page)
    waiting += [_waiting(system, f"Late {number}") for number in range(PAGE_ROWS)]
    expect(page.locator("#jobs > li")).to_have_count(2 * PAGE_ROWS)
    expect(row_of(page, "Early 0")).to_contain_text("queued")

    page.evaluate(SEEN, False)
    for each in waiting:
        system.http.post(f"/api/jobs/{each}/stop").raise_for_status()
    page.evaluate(SEEN, True)

    expect(row_of(page, "Early 0")).to_contain_text("canceled")


def test_an_older_page_keeps_its_rows_when_more_was_missed_than_is_told_one_by_one(
    page: Page, system: System, job: str
) -> None:
    early = [_scheduled(system, f"Older {number}") for number in range(PAGE_ROWS)]
    late = [_scheduled(system, f"Newer {number}") for number in range(SNAPSHOT_JOBS)]
    page.clock.install()
    page.goto(f"/?before={late[0]}")
    live(page)

    hide(page)
    for each in (*early, *late):
        system.http.post(f"/api/jobs/{each}/stop").raise_for_status()
    page.evaluate(SEEN, True)

    expect(row_of(page, "Older 0")).to_contain_text("canceled")
    expect(page.locator("#jobs > li")).to_have_count(PAGE_ROWS)


def _scheduled(system: System, name: str) -> str:
    body = {"kind": "watched.walk", "params": {"name": name}, "delay_seconds": 3600}
    return str(system.http.post("/api/jobs", json=body).raise_for_status().json()["id"])


def _waiting(system: System, name: str) -> str:
    return str(system.submit("watched.walk", name=name)["id"])


def test_who_asked_to_be_told_is_told_while_the_tab_is_hidden(
    page: Page, system: System, job: str, pace: Pace
) -> None:
    page.clock.install()
    opened(page, f"/jobs/{job}", "granted")
    page.get_by_role("button", name="Notify me when it's done").click()
    hide(page)
    pace.to(100)
    system.ended(job)
    told = eventually(lambda: page.evaluate("told"))
    assert told == [["Unseen walk finished", "Step 100 of the walk"]]


LEFT = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))"
BACK = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


def test_a_page_that_was_left_while_hidden_goes_on_when_somebody_comes_back_to_it(
    visitor: Visitor, system: System, job: str
) -> None:
    page, other = visitor.page(), visitor.page()
    page.goto("/?q=Remembered")
    live(page)
    other.goto("/")
    live(other)
    page.evaluate(SEEN, False)
    early = _waiting(system, "Remembered early")
    expect(row_of(other, "Remembered early")).to_be_visible()  # the first tab heard of it before

    page.evaluate(LEFT)
    page.evaluate(SEEN, True)
    page.evaluate(BACK)

    expect(row_of(page, "Remembered early")).to_be_visible()
    late = _waiting(system, "Remembered late")
    expect(row_of(page, "Remembered late")).to_be_visible()
    for each in (early, late):
        system.http.post(f"/api/jobs/{each}/stop").raise_for_status()
