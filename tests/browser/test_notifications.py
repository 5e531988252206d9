"""A notification at a job's end, for who asked for it, and no question to who did not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pace
from tests.support.browser import Visitor
from tests.support.system import System
from tests.support.waiting import eventually

# Stands for the browser's own: remembers what was asked and told, and allows what it is told to.
NOTIFICATION = """
  window.told = [];
  window.questions = 0;
  window.Notification = class {
    static permission = sessionStorage.getItem("permission") ?? "default";
    static async requestPermission() {
      window.questions += 1;
      sessionStorage.setItem("permission", "%s");
      return (this.permission = "%s");
    }
    constructor(title, { body }) { window.told.push([title, body]); }
  };
"""


@pytest.fixture
def job(system: System, pace: Pace) -> str:
    """The page of a job that is under way."""
    pace.to(10)
    job = system.submit("watched.walk", name="Awaited walk", pace=pace.path)["id"]
    eventually(lambda: system.job(job)["status"] == "started")
    return f"/jobs/{job}"


def opened(page: Page, address: str, answer: str) -> None:
    """Open a job's page in a browser whose person answers the question so."""
    page.add_init_script(NOTIFICATION % (answer, answer))
    page.goto(address)
    expect(page.get_by_role("banner")).to_contain_text("live")


def test_who_asks_for_it_is_told_of_the_end_once(page: Page, job: str, pace: Pace) -> None:
    opened(page, job, "granted")
    tell = page.get_by_role("button", name="Notify me when it's done")
    assert page.evaluate("questions") == 0
    tell.click()
    expect(tell).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("questions") == 1
    page.reload()
    expect(tell).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("banner")).to_contain_text("live")
    pace.to(100)
    expect(tell).to_be_hidden()
    assert page.evaluate("told") == [["Awaited walk finished", "Step 100 of the walk"]]
    assert page.evaluate("questions") == 0


def test_who_does_not_ask_is_neither_asked_nor_told(page: Page, job: str, pace: Pace) -> None:
    opened(page, job, "granted")
    tell = page.get_by_role("button", name="Notify me when it's done")
    tell.click()
    expect(tell).to_have_attribute("aria-pressed", "true")
    tell.click()
    expect(tell).to_have_attribute("aria-pressed", "false")
    pace.to(100)
    expect(tell).to_be_hidden()
    assert page.evaluate("told") == []


def test_a_browser_that_refuses_is_taken_at_its_word(page: Page, job: str) -> None:
    opened(page, job, "denied")
    page.get_by_role("button", name="Notify me when it's done").click()
    expect(page.get_by_role("button", name="Notifications are blocked")).to_be_disabled()


def test_there_is_no_button_that_could_do_nothing(
    visit: Callable[..., Visitor], page: Page, job: str, system: System, pace: Pace
) -> None:
    plain = visit(java_script_enabled=False).page()
    plain.goto(job)
    expect(plain.get_by_role("button", name="Stop")).to_be_visible()
    expect(plain.get_by_role("button", name="Tell me")).to_have_count(0)
    page.add_init_script("delete window.Notification")
    page.goto(job)
    expect(page.get_by_role("banner")).to_contain_text("live")
    expect(page.get_by_role("button", name="Tell me")).to_have_count(0)
    pace.to(100)
    system.ended(job.rpartition("/")[2])
    page.goto(job)
    expect(page.get_by_role("button", name="Tell me")).to_have_count(0)
