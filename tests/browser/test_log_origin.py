"""Where a line of a log comes from: its stream and its time, on a page that is there or loaded."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.system import System


def test_a_line_shows_its_time_and_what_came_by_standard_error_is_marked(
    page: Page, plain_page: Page, system: System
) -> None:
    job = system.submit("watched.say_twice")["id"]
    page.goto(f"/jobs/{job}")
    lines = page.get_by_role("list", name="Log").get_by_role("listitem")
    expect(lines).to_have_text(["to the output", "to the error"])
    said, wrong = lines.all()
    expect(said).to_have_attribute("title", re.compile(r"^[\d-]{10} [\d:]{8} \S+ · stdout$"))
    expect(wrong).to_have_attribute("title", re.compile(r" · stderr$"))
    assert said.evaluate("line => getComputedStyle(line).boxShadow") == "none"
    assert wrong.evaluate("line => getComputedStyle(line).boxShadow") != "none"
    system.ended(job)
    plain_page.goto(f"/jobs/{job}")
    wrong = plain_page.get_by_role("list", name="Log").get_by_role("listitem").last
    expect(wrong).to_have_attribute("title", re.compile(r" UTC · stderr$"))
    expect(wrong).to_have_attribute("data-stream", "stderr")
