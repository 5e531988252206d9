"""Times are told in the zone of whoever reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from playwright.sync_api import expect

from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.support.browser import Visitor
from tests.support.system import System

TOKYO = timezone(timedelta(hours=9))


def test_times_are_exact_on_hover_and_in_the_readers_zone(
    visit: Callable[..., Visitor], system: System, pace: Pace
) -> None:
    pace.to(100)
    job = system.submit("watched.walk", name="Walk in Tokyo", pace=pace.path)
    ended = datetime.fromisoformat(system.ended(job["id"])["ended_at"])
    page = visit(timezone_id="Asia/Tokyo").page()
    page.goto("/")
    live(page)

    there = ended.astimezone(TOKYO)
    expect(row_of(page, "Walk in Tokyo").locator("time")).to_have_attribute(
        "title", f"{there:%Y-%m-%d %H:%M:%S} GMT+9"
    )
    page.get_by_text("As a table").click()
    heads = page.locator("#last-hour th:first-child")
    expect(heads.first).to_have_text("GMT+9")
    minutes = heads.all_inner_texts()[1:]
    assert f"{there:%H:%M}" in minutes
    assert f"{ended:%H:%M}" not in minutes


def test_without_javascript_times_are_in_utc(
    visit: Callable[..., Visitor], system: System, pace: Pace
) -> None:
    pace.to(100)
    system.ended(system.submit("watched.walk", name="Walk in UTC", pace=pace.path)["id"])
    page = visit(java_script_enabled=False, timezone_id="Asia/Tokyo").page()
    page.goto("/")

    title = row_of(page, "Walk in UTC").locator("time").get_attribute("title")
    assert re.fullmatch(rf"{datetime.now(UTC):%Y-}\d\d-\d\d \d\d:\d\d:\d\d UTC", title or "")


def test_a_job_for_later_says_when_it_begins(visit: Callable[..., Visitor], system: System) -> None:
    body = {"kind": "watched.walk", "params": {"name": "Walk tomorrow"}, "delay_seconds": 7190}
    job = system.http.post("/api/jobs", json=body).json()
    page = visit().page()
    page.goto("/")

    row = row_of(page, "Walk tomorrow")
    expect(row).to_contain_text("scheduled")
    expect(row).to_contain_text("in 2 h")
    live(page)
    system.http.post(f"/api/jobs/{job['id']}/stop")
    expect(row).to_contain_text("canceled")
    expect(row).to_contain_text("just now")


FIVE_MINUTES_BEHIND = "const now = Date.now; Date.now = () => now() - 300_000"


def test_to_a_clock_that_is_behind_what_has_happened_is_not_to_come(
    visitor: Visitor, system: System
) -> None:
    visitor.context.add_init_script(FIVE_MINUTES_BEHIND)
    page = visitor.page()
    page.goto("/")
    live(page)
    body = {"kind": "watched.walk", "params": {"name": "Walk to come"}, "delay_seconds": 1800}
    job = system.http.post("/api/jobs", json=body).raise_for_status().json()["id"]
    expect(row_of(page, "Walk to come").locator("time")).to_have_text(re.compile(r"^in 3.\smin"))
    system.http.post(f"/api/jobs/{job}/stop").raise_for_status()
    expect(row_of(page, "Walk to come").locator("time")).to_have_text("just now")
    page.goto(f"/jobs/{job}")
    expect(page.locator(".facts time")).to_have_text("just now")
    expect(page.locator("#about time").first).to_have_text("just now")


def test_a_moment_is_picked_in_utc_and_told_in_the_readers_zone(
    visit: Callable[..., Visitor], system: System
) -> None:
    for script in (True, False):
        page = visit(java_script_enabled=script, timezone_id="Asia/Tokyo").page()
        page.goto("/jobs/new?kind=watched.moment")
        begin, since = page.get_by_label("Begin UTC"), page.get_by_label("Since optional")
        begin.fill("2026-01-31T12:00")
        if script:
            expect(page.get_by_text("2026-01-31 21:00:00 GMT+9 where you are")).to_be_visible()
        since.fill("2999-01-01")
        page.get_by_role("button", name="Start").click()
        expect(since).to_have_attribute("aria-describedby", "wrong-since")
        expect(begin).to_have_value("2026-01-31T12:00")
        since.fill("")
        page.get_by_role("button", name="Start").click()
        page.wait_for_url(re.compile("/jobs/[0-9a-f-]{36}$"))
        job = system.ended(page.url.rpartition("/")[2])
        assert job["result"] == "2026-01-31T12:00:00+00:00"
        assert job["params"]["day"] == "2026-01-31"
