"""Many tabs of one browser: it opens six connections to one host, and every tab wants news."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.support.browser import Visitor
from tests.support.system import System

TABS = 8
# A tab that does nothing for so many milliseconds, as one with an endless loop.
HANG = """milliseconds => setTimeout(() => {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}) && undefined"""
HANG_MILLISECONDS = 20_000
# Milliseconds that a tab takes to miss the one that reads, to ask it and to take the stream.
TAKING_MILLISECONDS = 12_000


def streams(visitor: Visitor) -> int:
    """How many streams this browser has asked for."""
    return sum("/api/events" in url for url in visitor.requests)


def test_eight_tabs_at_once_all_show_the_end_of_a_job(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    pace.to(20)
    job = system.submit("watched.walk", name="Popular walk", pace=pace.path)
    tabs = [visitor.page() for _ in range(TABS)]
    for tab in tabs:
        tab.goto(f"/jobs/{job['id']}")
    pace.to(100)
    for tab in tabs:
        expect(tab).to_have_title(re.compile("^finished"))
        expect(tab.get_by_role("main")).to_contain_text('"steps": 100')


def board(visitor: Visitor) -> Page:
    """A dashboard that is live."""
    page = visitor.page()
    page.goto("/")
    live(page)
    return page


def test_when_the_tab_that_reads_the_stream_closes_another_reads_on(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    first, second, third = (board(visitor) for _ in range(3))
    assert streams(visitor) == 1
    pace.to(30)
    system.submit("watched.walk", name="Walk between tabs", pace=pace.path)
    for tab in (second, third):
        expect(row_of(tab, "Walk between tabs")).to_contain_text("30%")
    first.close()
    pace.to(100)
    for tab in (second, third):
        expect(row_of(tab, "Walk between tabs")).to_contain_text("finished")
        live(tab)
    assert streams(visitor) == 2


def test_a_new_tab_takes_the_stream_from_one_that_hangs(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    hung = board(visitor)
    hung.evaluate(HANG, HANG_MILLISECONDS)
    fresh = board(visitor)
    assert streams(visitor) == 2
    pace.to(100)
    system.submit("watched.walk", name="Walk beside a hung tab", pace=pace.path)
    expect(row_of(fresh, "Walk beside a hung tab")).to_contain_text("finished")
    row = row_of(hung, "Walk beside a hung tab")
    expect(row, "it wakes up, and listens").to_contain_text(
        "finished", timeout=2 * HANG_MILLISECONDS
    )
    assert streams(visitor) == 2


def test_a_tab_that_listened_notices_when_the_one_that_reads_hangs(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    hung, listening = board(visitor), board(visitor)
    hung.evaluate(HANG, 2 * TAKING_MILLISECONDS)
    pace.to(100)
    system.submit("watched.walk", name="Walk in silence", pace=pace.path)
    row = row_of(listening, "Walk in silence")
    expect(row).to_contain_text("finished", timeout=TAKING_MILLISECONDS)
    assert streams(visitor) == 2


def test_without_locks_every_tab_reads_for_itself(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    visitor.context.add_init_script("delete Navigator.prototype.locks")
    first, second = board(visitor), board(visitor)
    assert streams(visitor) == 2
    pace.to(100)
    system.submit("watched.walk", name="Walk without locks", pace=pace.path)
    for tab in (first, second):
        expect(row_of(tab, "Walk without locks")).to_contain_text("finished")
