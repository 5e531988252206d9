"""Choosing jobs on the list: where the boxes are, and what the one for the whole page says."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from headway.model.record import Status
from headway.settings import read_settings
from quart_app.pages.bulk import SHOWN_SECONDS
from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.browser.test_keyboard import go_to
from tests.support import behind
from tests.support.by_hand import Hand
from tests.support.system import System
from tests.support.waiting import eventually

KEEP_WHAT_IS_TOLD = """() => {
  window.everything_told = [];
  const told = document.getElementById("told");
  new MutationObserver(() => window.everything_told.push(told.textContent))
    .observe(told, { childList: true, characterData: true, subtree: true });
}"""
WHOLE = "Select this page"
BACKGROUND = "button => getComputedStyle(button).backgroundColor"


def walks(system: System, pace: Pace, name: str, count: int) -> list[str]:
    """The address of a list of so many walks that are over, and their ids."""
    pace.to(100)
    jobs = [
        system.submit("watched.walk", name=f"{name} {number}", pace=pace.path)["id"]
        for number in range(count)
    ]
    for job in jobs:
        system.ended(job)
    return [f"/?q={name.replace(' ', '+')}", *jobs]


def test_a_rows_box_is_seen_before_anybody_points_at_it(
    page: Page, plain_page: Page, system: System, pace: Pace
) -> None:
    address, *_ = walks(system, pace, "Boxed walk", 1)
    for each in (page, plain_page):
        each.goto(address)
        box = each.get_by_role("checkbox", name="Select Boxed walk 0")
        expect(box).to_have_css("opacity", "1")
    assert plain_page.get_by_label(WHOLE).is_hidden(), "it could do nothing"


def test_the_keyboard_selects_the_page_and_the_box_tells_what_is_selected(
    page: Page, system: System, pace: Pace
) -> None:
    address, *_ = walks(system, pace, "Chosen walk", 3)
    page.goto(address)
    live(page)
    whole = page.get_by_role("checkbox", name=WHOLE)
    go_to(page, whole)
    page.keyboard.press("Space")
    expect(page.get_by_text("3 jobs selected")).to_be_visible()
    page.get_by_role("checkbox", name="Select Chosen walk 1").uncheck()
    expect(page.get_by_text("2 jobs selected")).to_be_visible()
    expect(whole).to_be_checked(indeterminate=True)
    whole.check()
    expect(page.get_by_text("3 jobs selected")).to_be_visible()
    whole.uncheck()
    expect(page.locator("#bulk")).to_be_hidden()
    expect(row_of(page, "Chosen walk 0").get_by_role("checkbox")).not_to_be_checked()


def test_the_box_of_the_page_follows_rows_that_come_and_go(
    page: Page, system: System, pace: Pace
) -> None:
    address, first, _ = walks(system, pace, "Counted choice", 2)
    page.goto(address)
    live(page)
    whole = page.get_by_role("checkbox", name=WHOLE)
    page.get_by_role("checkbox", name="Select Counted choice 0").check()
    expect(whole).to_be_checked(indeterminate=True)
    page.get_by_role("searchbox").focus()
    page.mouse.move(0, 0)
    system.http.delete(f"/api/jobs/{first}").raise_for_status()
    expect(row_of(page, "Counted choice 0")).to_have_count(0)
    expect(whole).to_be_checked(checked=False)
    whole.check()
    walks(system, pace, "Counted choice", 1)
    expect(row_of(page, "Counted choice 0")).to_be_visible()
    expect(whole).to_be_checked(indeterminate=True)
    expect(page.get_by_text("1 job selected")).to_be_visible()


def test_only_what_cannot_be_undone_is_asked_in_the_colour_of_trouble(
    page: Page, system: System, pace: Pace
) -> None:
    address, *_ = walks(system, pace, "Endangered walk", 2)
    page.goto(address)
    live(page)
    page.get_by_label(WHOLE).check()
    red = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--red')")
    page.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete 2 jobs, with logs and files?")
    expect(question).to_have_accessible_description("This cannot be undone.")
    expect(question.get_by_role("link", name="Cancel")).to_be_focused()
    delete = question.get_by_role("button", name="Delete")
    assert delete.evaluate(BACKGROUND) == as_rgb(red)
    delete.click()
    expect(page.get_by_text("2 jobs deleted")).to_be_visible()

    page.mouse.move(0, 0)
    pace.to(50)
    stopped = system.submit("watched.walk", name="Endangered walk 3", pace=pace.path)
    page.get_by_label("Select Endangered walk 3").check()
    page.get_by_role("button", name="Stop").click()
    question = page.get_by_role("dialog", name="Stop 1 job?")
    expect(question).to_have_accessible_description("")
    stop = question.get_by_role("button", name="Stop")
    assert stop.evaluate(BACKGROUND) != as_rgb(red)
    stop.click()
    system.ended(stopped["id"])


def as_rgb(colour: str) -> str:
    """A colour like `#b3261e` as a browser computes it."""
    return f"rgb{tuple(bytes.fromhex(colour.strip(' #')))}"


def test_all_that_match_are_done_and_the_page_says_how_far_it_is(
    page: Page, system: System
) -> None:
    settings = read_settings(
        env_file=None, data_dir=system.folder / "data", redis_url=system.redis_url
    )
    with Hand(settings) as hand:
        for number in range(30):
            hand.create(kind="many", status=Status.FAILED, title=f"One of many {number}")
    page.goto("/?kind=many&status=failed")
    live(page)
    page.get_by_label("Select One of many 29").check()
    page.get_by_label("all that match").check()
    page.evaluate(KEEP_WHAT_IS_TOLD)
    page.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete 30 jobs, with logs and files?")
    with behind.locked(settings):  # so that the first answer's time is up after one job
        question.get_by_role("button", name="Delete").click()
        up = time.monotonic() + 2 * SHOWN_SECONDS
        eventually(lambda: time.monotonic() > up)
    expect(page.locator("#told")).to_have_text("30 jobs deleted")
    assert page.evaluate("everything_told")[0] == "1 of 30 jobs deleted; 29 left."
