"""How long each state and step of a job took, on a fresh page and while it goes on."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live
from tests.browser.test_without_javascript import reaches
from tests.support.browser import has_stayed, stays
from tests.support.system import System

WIDTHS = (
    "list => [...list.querySelectorAll('rect')].map(it => parseFloat(it.getAttribute('width')))"
)


def spans(page: Page) -> Locator:
    """The timeline's rows."""
    return page.get_by_role("region", name="Timeline").get_by_role("listitem")


def test_the_timeline_is_drawn_without_javascript(
    plain_page: Page, system: System, pace: Pace
) -> None:
    pace.to(60)
    job = system.submit("watched.walk", name="Timed walk", pace=pace.path)
    reaches(system, job["id"], 60)
    pace.to(100)
    system.ended(job["id"])
    plain_page.goto(f"/jobs/{job['id']}")
    rows = spans(plain_page)
    expect(rows.first).to_have_text(re.compile(r"queued.*[\d.]+\ss"))
    expect(rows.filter(has_text="Homeward, step 2 of 2")).to_have_text(re.compile(r"[\d.]+\ss$"))
    expect(rows.last).to_have_text(re.compile("finished.*just now"))
    widths = plain_page.get_by_role("region", name="Timeline").evaluate(WIDTHS)
    assert len(widths) == rows.count() - 1
    assert 99 < sum(widths) < 102, "the bars have to be shares of the whole"


def test_the_timeline_grows_with_the_job(page: Page, system: System, pace: Pace) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Growing walk", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    live(page)
    stays(page)
    rows = spans(page)
    outward = rows.filter(has_text="Outward, step 1 of 2")
    expect(rows.last).to_have_text(re.compile("Outward"))
    outward.evaluate("row => { row.kept = true }")
    before = outward.inner_text()
    expect(outward).not_to_have_text(before, use_inner_text=True)
    pace.to(60)
    expect(rows.last).to_have_text(re.compile("Homeward, step 2 of 2"))
    expect(rows.filter(has_text="Homeward")).to_have_attribute("data-state", "started")
    pace.to(100)
    expect(rows.last).to_have_text(re.compile("finished"))
    assert outward.evaluate("row => row.kept")
    assert has_stayed(page)


def test_an_attempt_after_an_attempt_is_told(page: Page, system: System, pace: Pace) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Walk taken twice", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    page.get_by_role("button", name="Stop").click()
    expect(spans(page).last).to_have_text(re.compile("stopped"))
    pace.to(100)
    page.get_by_role("button", name="Try again").click()
    expect(spans(page).last).to_have_text(re.compile("finished"))
    expect(spans(page).filter(has_text="queued, attempt 2")).to_have_count(1)
