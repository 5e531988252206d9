"""Markup in any text of a job, a character or an address is shown as text and never runs."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MAKING_MILLISECONDS
from tests.support.browser import Visitor
from tests.support.system import System

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
MARKUP = f"{SCRIPT}{IMAGE}<b>bold</b>&amp;{{{{7*7}}}}"


def expect_no_markup(page: Page) -> None:
    """Nothing that the text asked for became an element of the page."""
    for unwanted in ("script:not([src], #boot)", "img[src=x]", "[onerror]", "main b b", "pre b"):
        expect(page.locator(unwanted)).to_have_count(0)


@pytest.mark.parametrize("fails", [False, True])
def test_markup_in_a_job_is_shown_as_text_live_and_on_a_fresh_page(
    page: Page, visitor: Visitor, system: System, fails: bool
) -> None:
    page.goto("/")
    expect(page.get_by_role("banner")).to_contain_text("live")
    job = system.submit("watched.say", text=MARKUP, fails=fails)
    row = page.get_by_role("listitem").filter(has_text="failed" if fails else "finished")
    expect(row.filter(has_text=SCRIPT).first).to_contain_text(MARKUP)
    expect_no_markup(page)
    page.goto(f"/jobs/{job['id']}")
    for _ in ("live", "fresh"):
        expect(page.get_by_role("heading", name=MARKUP, exact=True)).to_be_visible()
        expect(page.get_by_role("list", name="Log").get_by_text(MARKUP).first).to_be_visible()
        expect(page.get_by_role("region", name="Parameters")).to_contain_text("<b>bold</b>")
        expect_no_markup(page)
        if fails:
            expect(page.get_by_text(f"ValueError: {SCRIPT}").first).to_be_visible()
        page.reload()
    assert visitor.asked == []


def test_markup_that_comes_while_the_page_is_open_is_text(
    page: Page, visitor: Visitor, system: System
) -> None:
    held = system.submit("watched.walk", name="In the way of markup")
    job = system.submit("watched.say", text=MARKUP, fails=True)
    page.goto(f"/jobs/{job['id']}")
    expect(page.get_by_role("banner")).to_contain_text("live")
    system.http.post(f"/api/jobs/{held['id']}/stop")
    expect(page.get_by_role("list", name="Log").get_by_text(MARKUP).first).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("attempt 2 failed")
    expect_no_markup(page)
    assert visitor.asked == []


def test_markup_in_a_character_and_an_address_is_text(
    page: Page, visitor: Visitor, system: System
) -> None:
    character = {"name": SCRIPT, "age": 30, "personality_profile": MARKUP, "gender": IMAGE}
    made = system.http.post("/api/characters", json=character).raise_for_status().json()
    character_id = made["character"]["id"]
    page.goto(f"/characters/generating?character_id={character_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SCRIPT)
    portrait = page.get_by_role("img", name=f"Portrait of {SCRIPT}")
    expect(portrait).to_be_visible(timeout=MAKING_MILLISECONDS)
    for address in (f"/characters/{character_id}", "/characters"):
        page.goto(address)
        expect(page.get_by_text(SCRIPT).first).to_be_visible()
        expect_no_markup(page)
    for address in (
        f"/?q={quote(MARKUP)}&queue={quote(MARKUP)}",
        f"/jobs/{quote(SCRIPT, safe='')}",
    ):
        page.goto(address)
        expect_no_markup(page)
    assert visitor.asked == []
