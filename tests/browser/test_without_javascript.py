"""Every page says the truth and does its work in a browser without JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import MAKING_MILLISECONDS, Pace
from tests.browser.test_character_pages import CHARACTER, expect_drawn, fill
from tests.browser.test_dashboard import row_of
from tests.support.system import System


def test_the_dashboard_shows_and_filters_jobs(plain_page: Page, system: System, pace: Pace) -> None:
    pace.to(40)
    job = system.submit("watched.walk", name="Plain walk", pace=pace.path)
    reaches(system, job["id"], 40)
    plain_page.goto("/")
    row = row_of(plain_page, "Plain walk")
    expect(row).to_contain_text("Step 40 of the walk")
    expect(row).to_contain_text("40%")
    plain_page.get_by_role("searchbox").fill("Plain walk")
    plain_page.get_by_role("button", name="Filter").click()
    expect(plain_page).to_have_url(re.compile(r"q=Plain\+walk"))
    row.get_by_role("link").click()
    expect(plain_page.get_by_role("heading", name="Plain walk", exact=True)).to_be_visible()


def reaches(system: System, job_id: str, percent: int) -> None:
    """Wait until a job is this far."""
    answer = system.http.get(f"/api/jobs/{job_id}").json()
    while answer["progress"] is None or answer["progress"] < percent:
        etag = system.http.get(f"/api/jobs/{job_id}").headers["ETag"]
        again = {"If-None-Match": etag}
        system.http.get(f"/api/jobs/{job_id}", params={"wait": 5}, headers=again)
        answer = system.http.get(f"/api/jobs/{job_id}").json()


def test_a_job_is_started_watched_stopped_and_tried_again(
    plain_page: Page, system: System, pace: Pace
) -> None:
    pace.to(30)
    plain_page.goto("/jobs/new?kind=watched.walk")
    plain_page.get_by_label("Name").fill("Walk by form")
    plain_page.get_by_label("Pace").fill(pace.path)
    plain_page.get_by_role("button", name="Start").click()
    expect(plain_page).to_have_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    job_id = plain_page.url.rpartition("/")[2]
    reaches(system, job_id, 30)
    plain_page.reload()
    main = plain_page.get_by_role("main")
    expect(main).to_contain_text("Step 30 of the walk")
    expect(plain_page.get_by_role("list", name="Log")).to_contain_text("passed 30")
    plain_page.get_by_role("button", name="Stop").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Stop 1 job?")
    plain_page.get_by_role("button", name="Stop").click()
    system.ended(job_id)
    plain_page.goto(f"/jobs/{job_id}")
    expect(plain_page).to_have_title(re.compile("^stopped"))
    pace.to(100)
    plain_page.get_by_role("button", name="Try again").click()
    system.ended(job_id)
    plain_page.reload()
    expect(plain_page).to_have_title(re.compile("^finished"))
    plain_page.get_by_role("button", name="Delete").click()
    question = plain_page.get_by_role("heading", level=1)
    expect(question).to_have_text("Delete 1 job, with logs and files?")
    assert system.job(job_id)["status"] == "finished"
    plain_page.get_by_role("button", name="Delete").click()
    expect(plain_page.get_by_text("1 job deleted")).to_be_visible()
    expect(row_of(plain_page, "Walk by form")).to_have_count(0)


def test_a_failure_is_told_with_its_traceback(plain_page: Page, system: System) -> None:
    job = system.submit("watched.fail", reason="/there/is/no/reason")
    system.ended(job["id"])
    plain_page.goto(f"/jobs/{job['id']}")
    traceback = plain_page.get_by_text("Traceback (most recent call last)")
    expect(traceback.first).to_be_visible()


def test_a_form_comes_back_with_its_errors_and_what_was_written(plain_page: Page) -> None:
    plain_page.goto("/characters/new")
    fill(plain_page, "   ")
    plain_page.get_by_role("button", name="Create").click()
    name = plain_page.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(plain_page.get_by_label("Age", exact=True)).to_have_value("36")


def test_a_character_is_created_and_its_page_comes_by_itself(plain_page: Page) -> None:
    plain_page.goto("/characters/new")
    fill(plain_page, "Ada Plain")
    plain_page.get_by_role("button", name="Create").click()
    expect(plain_page).to_have_url(CHARACTER, timeout=MAKING_MILLISECONDS)
    expect_drawn(plain_page.get_by_role("img", name="Portrait of Ada Plain"))
