"""Headway for those who use no pointer, or hear a page instead of seeing it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.system import System

TABS = 60  # presses of the Tab key within which anything on a page has to be reached


def test_the_keyboard_alone_starts_a_job_and_stops_it(page: Page) -> None:
    page.goto("/")
    go_to(page, page.get_by_role("link", name="New job"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/new")
    go_to(page, page.get_by_role("link", name="Watched.walk"))
    page.keyboard.press("Enter")
    go_to(page, page.get_by_label("Name"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Walk by keyboard")
    go_to(page, page.get_by_role("button", name="Start"))
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^10% · Walk by keyboard"))
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Stop"), "a key alone ends nothing").to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^stopped · Walk by keyboard"))
    again = page.get_by_role("button", name="Try again")
    expect(again, "the focus has to be where the button was").to_be_focused()


def go_to(page: Page, goal: Locator) -> None:
    """Press Tab until the goal has the focus, and see that this can be seen."""
    expect(goal).to_be_visible()
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if goal.evaluate("goal => goal === document.activeElement"):
            assert goal.evaluate("goal => getComputedStyle(goal).outlineStyle") != "none"
            return
    raise AssertionError(f"{TABS} times Tab do not lead to {goal}")


def test_ends_are_announced_to_those_who_do_not_see_them(page: Page, system: System) -> None:
    page.goto("/")
    expect(page.get_by_role("banner")).to_contain_text("live")
    job = system.submit("watched.walk", name="Heard walk")
    expect(page.get_by_role("status")).to_contain_text("Heard walk started")
    system.http.post(f"/api/jobs/{job['id']}/stop")
    expect(page.get_by_role("status")).to_contain_text("Heard walk stopped")


MANY_ENDS = """async ends => {
  const { announce } = await import("/static/announce.js");
  ends.forEach((status, id) => announce({ id, status, title: "A job", kind: "a.kind" }, "started"));
}"""


def test_of_many_ends_at_once_each_kind_is_counted(page: Page) -> None:
    page.goto("/jobs/new")
    page.evaluate(MANY_ENDS, ["finished", "finished", "finished", "failed"])
    expect(page.get_by_role("status")).to_have_text("3 jobs finished, 1 job failed")
