"""What a reader does with a job's log: unwraps its long lines, copies it, takes it home."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pace
from tests.browser.test_job_page import walked
from tests.support.browser import Visitor
from tests.support.browser_pages import LONG_WORD
from tests.support.system import System

OVERFLOW = "log => log.scrollWidth > log.clientWidth"


@pytest.fixture
def walk(system: System, pace: Pace) -> str:
    """The page of a walk that is over."""
    pace.to(100)
    job = system.submit("watched.walk", name="Logged walk", pace=pace.path)
    system.ended(job["id"])
    return f"/jobs/{job['id']}"


def test_long_lines_are_wrapped_unless_the_reader_says_otherwise_once(
    page: Page, system: System
) -> None:
    job = system.submit("watched.say", text=f"{LONG_WORD} {LONG_WORD}")
    system.ended(job["id"])
    page.goto(f"/jobs/{job['id']}")
    log, wrap = page.get_by_role("list", name="Log"), page.get_by_role("button", name="Wrap lines")
    expect(wrap).to_have_attribute("aria-pressed", "true")
    assert not log.evaluate(OVERFLOW)
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "false")
    assert log.evaluate(OVERFLOW)
    page.reload()
    expect(wrap).to_have_attribute("aria-pressed", "false")
    assert log.evaluate(OVERFLOW)
    wrap.click()
    assert not log.evaluate(OVERFLOW)


def test_the_lines_are_copied(visit: Callable[..., Visitor], walk: str) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"]).page()
    page.goto(walk)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied 102 lines.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").splitlines() == walked()


def test_where_a_page_may_not_copy_the_lines_are_selected(page: Page, walk: str) -> None:
    page.add_init_script("delete Navigator.prototype.clipboard")
    page.goto(walk)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("The lines are selected")).to_be_visible()
    selected = page.evaluate("getSelection().toString()").splitlines()
    assert [line for line in selected if line] == walked()


def test_the_log_is_downloaded_without_javascript(plain_page: Page, walk: str) -> None:
    plain_page.goto(walk)
    with plain_page.expect_download() as coming:
        plain_page.get_by_role("link", name="Download").click()
    assert coming.value.suggested_filename == f"log-{walk.rpartition('/')[2]}.txt"
    assert Path(coming.value.path()).read_text().splitlines() == walked()
    expect(plain_page.get_by_role("button", name="Copy")).to_have_count(0)


KEEPS_NOTHING = """for (const place of ["localStorage", "sessionStorage"]) {
  const refuse = () => { throw new DOMException("Access is denied.", "SecurityError"); };
  Object.defineProperty(window, place, { get: refuse });
}"""


def test_in_a_browser_that_keeps_nothing_a_job_is_live_and_choices_last_as_long_as_the_page(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    visitor.context.add_init_script(KEEPS_NOTHING)
    pace.to(10)
    page = visitor.page()
    page.goto(f"/jobs/{system.submit('watched.walk', name='Forgotten walk', pace=pace.path)['id']}")
    log = page.get_by_role("list", name="Log")
    expect(log).to_contain_text("passed 10")
    page.get_by_role("button", name="Wrap lines").click()
    expect(log).to_have_attribute("data-unwrapped", "")
    page.keyboard.press("?")
    page.get_by_label("use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    pace.to(100)
    expect(page).to_have_title(re.compile("^finished"))
    expect(log).to_contain_text("passed 100")


def test_the_last_lines_come_as_well_when_the_store_was_away_at_the_end(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Interrupted walk", pace=pace.path)["id"]
    page.goto(f"/jobs/{job}")
    log = page.get_by_role("list", name="Log")
    expect(log).to_contain_text("passed 10")
    expect(page.get_by_role("banner")).to_contain_text("live")
    reading = f"**/api/jobs/{job}/log?*"
    page.route(reading, lambda route: route.fulfill(status=503, json={"detail": "Not now."}))
    with page.expect_response(reading):
        pace.to(100)
    expect(page).to_have_title(re.compile("^finished"))
    page.unroute(reading)
    expect(log).to_contain_text("passed 100")
