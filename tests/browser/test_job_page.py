"""A job's page as a person sees it: from its first percent to its end, and what can be done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from rq import Queue
from rq.serializers import JSONSerializer

from headway.broker.connection import connected
from tests.browser.conftest import Pace
from tests.support.browser import Visitor, has_stayed, stays
from tests.support.system import Json, System
from tests.support.waiting import eventually

# Pixels; the whole of a job's page is in sight.
TALL = {"width": 1280, "height": 1600}


def test_a_job_is_live_to_its_end(page: Page, system: System, pace: Pace) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Long walk", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    stays(page)
    main, log = page.get_by_role("main"), page.get_by_role("list", name="Log")
    expect(page).to_have_title(re.compile("^10% · Long walk"))
    expect(main).to_contain_text("Outward, step 1 of 2")
    pace.to(70)
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 70)
    expect(page).to_have_title(re.compile("^70% · Long walk"))
    expect(main).to_contain_text("Step 70 of the walk")
    expect(main).to_contain_text("Homeward, step 2 of 2")
    expect(log.get_by_role("listitem").last).to_have_text("passed 70")
    pace.to(100)
    expect(page).to_have_title(re.compile("^finished · Long walk"))
    expect(log.get_by_role("listitem")).to_have_text(walked())
    expect(main).to_contain_text('"steps": 100')
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert has_stayed(page)


def walked() -> list[str]:
    """The whole log of a walk."""
    passed = [f"passed {percent}" for percent in range(1, 101)]
    return ["step 1", *passed[:50], "step 2", *passed[50:]]


HEADINGS = """() => {
  window.headings = [];
  const heading = document.querySelector("h1");
  const seen = () => window.headings.push(heading.textContent);
  new MutationObserver(seen).observe(heading, { subtree: true, characterData: true });
}"""


def test_another_job_that_names_this_one_is_not_taken_for_it(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(30)
    job = system.submit("watched.walk", name="Named walk", pace=pace.path)["id"]
    page.goto(f"/jobs/{job}")
    expect(page.get_by_role("main")).to_contain_text("30%")
    expect(page.get_by_role("banner")).to_contain_text("live")
    page.evaluate(HEADINGS)
    system.submit("watched.say", text=f"After {job}")
    pace.to(60)
    expect(page.get_by_role("main")).to_contain_text("60%")
    pace.to(100)
    expect(page).to_have_title(re.compile("^finished · Named walk"))
    assert page.evaluate("headings") == []


def test_a_job_whose_id_is_a_pages_name_is_live_and_deleted(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(20)
    with connected(system.redis_url) as redis:
        queue = Queue("watched", connection=redis, serializer=JSONSerializer)
        queue.enqueue("tests.support.browser_kinds.stroll", pace.path, job_id="new")
    page.goto("/")
    page.get_by_role("link", name="stroll", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("20%")
    stays(page)
    pace.to(60)
    expect(page.get_by_role("main")).to_contain_text("60%")
    pace.to(100)
    expect(page.get_by_role("list", name="Log").get_by_role("listitem")).to_have_text(["arrived"])
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("finished")
    assert has_stayed(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_title(re.compile("^Jobs|Headway$"))
    expect(page.get_by_role("link", name="stroll", exact=True)).to_have_count(0)


def test_a_failed_job_shows_the_error_and_the_traceback_of_each_attempt(
    page: Page, system: System, tmp_path: Path
) -> None:
    reason = tmp_path / "reason"
    reason.write_text("the disk was full")
    job = system.submit("watched.fail", name="Bad day", reason=str(reason))
    page.goto(f"/jobs/{job['id']}")
    main = page.get_by_role("main")
    expect(main).to_contain_text("the disk was full")
    expect(page).to_have_title(re.compile("^failed · Bad day"))
    expect(main.get_by_text("Traceback (most recent call last)").first).to_be_visible()
    reason.write_text("the network was down")
    page.get_by_role("button", name="Try again").click()
    expect(main).to_contain_text("attempt 2 failed")
    # All above the attempts is drawn: what moves between a press and its release is not clicked.
    expect(page.get_by_role("region", name="Timeline").get_by_role("listitem")).to_have_count(6)
    expect(page.get_by_role("list", name="Log")).to_contain_text("Attempt 2 begins.")
    for number, words in enumerate(["the disk was full", "the network was down"], start=1):
        attempt = page.get_by_role("listitem").filter(has_text=f"attempt {number} failed")
        attempt.get_by_text(words).first.click()
        expect(attempt.get_by_text("Traceback (most recent call last)")).to_be_visible()
        expect(attempt.get_by_text(f"ValueError: {words}")).to_be_visible()


def test_an_attempt_that_ended_like_the_last_before_it_was_heard_of_is_shown(
    page: Page, system: System, tmp_path: Path
) -> None:
    reason = tmp_path / "reason"
    os.mkfifo(reason)  # the job waits for somebody who writes
    job = system.submit("watched.fail", name="Bad days", reason=str(reason))["id"]
    page.goto(f"/jobs/{job}")
    expect(page.get_by_role("banner")).to_contain_text("live")
    reason.write_text("the disk was full")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    unheard: list[Route] = []

    def hold(route: Route) -> None:
        unheard.append(route)

    page.route("**/api/events*", hold)
    with page.expect_request("**/api/events*"):
        page.reload()
    again.click()
    expect(again).to_have_count(0)
    reason.write_text("the network was down")
    eventually(lambda: _ended(system.job(job), attempt=2))
    unheard[0].continue_()
    expect(page.get_by_role("main")).to_contain_text("attempt 2 failed")


def _ended(job: Json, *, attempt: int) -> bool:
    return (job["status"], job["attempt"]) == ("failed", attempt)


def test_a_started_job_can_be_stopped_tried_again_and_deleted(
    page: Page, visitor: Visitor, system: System, pace: Pace
) -> None:
    pace.to(30)
    job = system.submit("watched.walk", name="Unwanted walk", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    expect(page.get_by_role("banner")).to_contain_text("live")
    page.get_by_role("button", name="Stop").click()
    expect(page).to_have_title(re.compile("^stopped"))
    assert system.job(job["id"])["status"] == "stopped"
    pace.to(100)
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_title(re.compile("^finished"))
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/$"))
    assert visitor.asked == [
        "confirm: Stop this job? What it has done so far may be lost.",
        "confirm: Delete this job, its log and its files? This cannot be undone.",
    ]
    assert system.http.get(f"/api/jobs/{job['id']}").status_code == 404


CLICK_AGAIN_AT_ONCE = """() => new MutationObserver((_, observer) => {
    const again = document.querySelector("#actions [data-api$=retry] button");
    if (!again) return;
    observer.disconnect();
    again.click();
    document.body.dataset.clicked = "";
}).observe(document.getElementById("actions"), { subtree: true, attributes: true })"""


def test_a_second_click_on_stop_does_not_begin_the_next_attempt(
    page: Page, system: System, pace: Pace
) -> None:
    job = system.submit("watched.walk", name="Doubly stopped walk", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    expect(page.get_by_role("banner")).to_contain_text("live")
    page.evaluate(CLICK_AGAIN_AT_ONCE)
    page.get_by_role("button", name="Stop").click()

    again = page.get_by_role("button", name="Try again")
    expect(page.locator("body[data-clicked]")).to_be_attached()
    expect(again).to_be_enabled()
    assert (system.job(job["id"])["status"], system.job(job["id"])["attempt"]) == ("stopped", 1)

    again.click()
    expect(page.locator(".facts")).to_contain_text("attempt 2 of 2")


def test_a_page_that_is_behind_says_so_when_asked_and_is_true_again(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Walk begun elsewhere", pace=pace.path)["id"]
    eventually(lambda: system.job(job)["progress"] == 10)
    system.http.post(f"/api/jobs/{job}/stop").raise_for_status()
    system.ended(job)
    unheard = ("**/api/events*", f"**/api/jobs/{job}")
    for address in unheard:
        page.route(address, lambda route: route.abort())
    page.goto(f"/jobs/{job}")
    expect(page.get_by_role("button", name="Wrap lines")).to_be_visible()  # its scripts run
    system.http.post(f"/api/jobs/{job}/retry").raise_for_status()
    eventually(lambda: system.job(job)["status"] == "started")

    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("is started")
    for address in unheard:
        page.unroute(address)
    pace.to(100)
    expect(page).to_have_title(re.compile("^finished"))


def test_a_waiting_job_can_be_canceled(page: Page, system: System, pace: Pace) -> None:
    system.submit("watched.walk", name="In the way", pace=pace.path)
    job = system.submit("watched.walk", name="Waiting walk", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    expect(page.get_by_role("main")).to_contain_text("Waiting for a worker")
    expect(page.get_by_role("banner")).to_contain_text("live")
    page.get_by_role("button", name="Cancel").click()
    expect(page).to_have_title(re.compile("^canceled"))
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_reader_who_scrolled_up_is_not_dragged_to_the_end_of_the_log(
    visit: Callable[..., Visitor], system: System, pace: Pace
) -> None:
    page = visit(viewport=TALL).page()
    pace.to(60)
    job = system.submit("watched.walk", name="Read walk", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    log, follow = (
        page.get_by_role("list", name="Log"),
        page.get_by_role("button", name="Jump to the end"),
    )
    expect(log.get_by_text("passed 60")).to_be_in_viewport()
    log.evaluate("log => { log.scrollTop = 0 }")
    expect(follow).to_be_visible()
    pace.to(70)
    expect(log.get_by_text("passed 70")).to_be_attached()
    assert log.evaluate("log => log.scrollTop") == 0
    follow.click()
    expect(log, "the button is gone, the focus is not").to_be_focused()
    pace.to(80)
    expect(log.get_by_text("passed 80")).to_be_in_viewport()
