"""A bar in a log on a page that is open: one line that changes, and stays at the end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pace
from tests.support.system import System


def test_a_bar_is_one_line_that_changes_on_a_page_that_is_open_and_on_one_that_is_loaded(
    page: Page, plain_page: Page, system: System, pace: Pace
) -> None:
    job = system.submit("watched.bar", pace=pace.path)["id"]
    pace.to(1)
    page.goto(f"/jobs/{job}")
    lines = page.get_by_role("list", name="Log").get_by_role("listitem")
    expect(lines).to_have_text(["at 1", "bar: 1"])
    expect(lines.last).to_have_js_property("value", 2)
    pace.to(50)
    expect(lines).to_have_text(["at 1", "at 50", "bar: 50"])
    plain_page.goto(f"/jobs/{job}")
    plain = plain_page.get_by_role("list", name="Log").get_by_role("listitem")
    expect(plain).to_have_text(["at 1", "at 50", "bar: 50"])
    page.reload()
    expect(lines).to_have_text(["at 1", "at 50", "bar: 50"])
    pace.to(100)
    expect(lines).to_have_text(["at 1", "at 50", "at 100", "bar: 100"])
    system.ended(job)
    expect(lines).to_have_text(["at 1", "at 50", "at 100", "bar: 100"])
    expect(page.locator("[data-open]")).to_have_count(0)
