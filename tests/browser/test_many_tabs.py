"""Many tabs of one browser: it opens six connections to one host, and every tab wants news."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Pace
from tests.support.browser import Visitor
from tests.support.system import System

TABS = 8


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
