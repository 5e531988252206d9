"""The pages of what a job made, or was to make: what is done to the job elsewhere is seen there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.test_dashboard import live
from tests.support.browser import has_stayed, stays
from tests.support.system import System


def opened(page: Page, address: str) -> None:
    """A page that listens, and would show it if it were loaded anew."""
    page.goto(address)
    live(page)
    stays(page)


def test_the_page_of_a_character_without_a_portrait_follows_and_keeps_what_is_written(
    page: Page, system: System
) -> None:
    in_the_way = system.submit("character_generation", name="In the way", age=30)
    made = system.http.post("/api/characters", json={"name": "Dora", "age": 36}).json()
    job, main = made["job"]["id"], page.get_by_role("main")
    system.http.post(f"/api/jobs/{job}/stop").raise_for_status()
    opened(page, f"/characters/{made['character']['id']}")
    expect(main).to_contain_text(re.compile(r"The portrait was (stopped|canceled)\."))
    page.get_by_label("Theme").fill("friendship")
    system.http.post(f"/api/jobs/{job}/retry").raise_for_status()
    expect(page.get_by_role("link", name="on its way: watch it")).to_be_visible()
    system.http.post(f"/api/jobs/{job}/stop").raise_for_status()
    system.ended(job)
    system.http.delete(f"/api/jobs/{job}").raise_for_status()
    expect(main).to_contain_text("the job that was to make it is deleted")
    expect(page.get_by_label("Theme")).to_have_value("friendship")
    assert has_stayed(page)
    system.http.post(f"/api/jobs/{in_the_way['id']}/stop")  # nobody waits for it


def test_the_page_of_a_story_says_that_its_job_is_deleted(page: Page, system: System) -> None:
    made = system.http.post("/api/characters", json={"name": "Emil", "age": 36}).json()
    asked = {"character_id": made["character"]["id"], "theme": "friendship", "length": "short"}
    in_the_way = system.http.post("/api/stories", json=asked).json()
    story = system.http.post("/api/stories", json=asked).json()
    job = story["job"]["id"]
    system.http.post(f"/api/jobs/{job}/stop").raise_for_status()
    system.ended(job)
    opened(page, f"/stories/{story['story']['id']}")
    system.http.delete(f"/api/jobs/{job}").raise_for_status()
    expect(page.get_by_role("main")).to_contain_text("This job was deleted.")
    assert has_stayed(page)
    for each in (in_the_way, made):
        system.http.post(f"/api/jobs/{each['job']['id']}/stop")  # nobody waits for these
