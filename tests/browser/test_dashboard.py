"""The dashboard as a person sees it: jobs come, move and go without a reload."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from headway.model.record import Status
from headway.settings import read_settings
from tests.browser.conftest import Pace
from tests.support.browser import Visitor, has_stayed, stays
from tests.support.by_hand import Hand
from tests.support.system import System


def row_of(page: Page, title: str) -> Locator:
    """A job's row on the list."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=title, exact=True))


def live(page: Page) -> None:
    """Wait until changes are pushed to the page."""
    expect(page.get_by_role("banner")).to_contain_text("live")


def test_a_new_job_comes_by_push_and_its_bar_moves(
    page: Page, visitor: Visitor, system: System, pace: Pace
) -> None:
    page.goto("/")
    live(page)
    stays(page)
    visitor.requests.clear()
    system.submit("watched.walk", name="Pushed walk", pace=pace.path)
    row = row_of(page, "Pushed walk")
    expect(row).to_contain_text("started")
    for percent in (20, 60, 100):
        pace.to(percent)
        expect(row.get_by_role("progressbar")).to_have_js_property("value", percent)
        expect(row).to_contain_text(f"{percent}%")
    expect(row).to_contain_text("finished")
    assert has_stayed(page)
    assert [url for url in visitor.requests if not url.endswith("/last-hour")] == []


def test_a_filter_is_in_the_address_and_holds_for_what_comes(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(100)
    system.ended(system.submit("watched.walk", name="Red before", pace=pace.path)["id"])
    system.ended(system.submit("watched.walk", name="Blue before", pace=pace.path)["id"])
    page.goto("/")
    page.get_by_role("searchbox").fill("Red")
    page.get_by_label("Kind").select_option("watched.walk")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile(r"q=Red.*kind=watched\.walk|kind=watched\.walk.*q=Red"))
    page.reload()
    live(page)
    expect(page.get_by_role("searchbox")).to_have_value("Red")
    system.submit("watched.walk", name="Blue after", pace=pace.path)
    system.submit("watched.walk", name="Red after", pace=pace.path)
    expect(row_of(page, "Red after")).to_contain_text("finished")
    expect(row_of(page, "Red before")).to_be_visible()
    expect(page.get_by_text("Blue")).to_have_count(0)


def test_a_queue_is_chosen_and_each_choice_can_be_taken_back(page: Page, system: System) -> None:
    page.goto("/?status=queued")
    page.get_by_label("Queue", exact=True).select_option("watched")
    page.get_by_role("searchbox").fill("nowhere")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No jobs match these filters.")).to_be_visible()
    page.get_by_role("link", name="Without the search").click()
    expect(page).to_have_url(re.compile(r"\?status=queued&queue=watched$"))
    page.get_by_role("link", name="Without queue").click()
    expect(page).to_have_url(re.compile(r"\?status=queued$"))


def test_a_job_leaves_the_list_of_a_state_that_it_is_no_longer_in(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(50)
    system.submit("watched.walk", name="Leaving walk", pace=pace.path)
    page.goto("/")
    page.get_by_label("Jobs by state").get_by_role("link", name="started").click()
    expect(page).to_have_url(re.compile(r"\?status=started$"))
    live(page)
    expect(row_of(page, "Leaving walk")).to_be_visible()
    page.mouse.move(0, 0)
    pace.to(100)
    expect(row_of(page, "Leaving walk")).to_have_count(0)


def test_what_fails_last_is_on_top_of_what_failed_in_page_and_live(
    page: Page, plain_page: Page, system: System
) -> None:
    settings = read_settings(
        env_file=None, data_dir=system.folder / "data", redis_url=system.redis_url
    )
    with Hand(settings) as hand:
        old = hand.start(hand.create(kind="order", title="Old one"))
        for number in range(25):
            hand.fail(hand.start(hand.create(kind="order", title=f"Quick one {number}")))
        page.goto("/?kind=order&status=failed")
        live(page)
        titles = page.locator("#jobs a.title")
        expect(titles.first).to_have_text("Quick one 24")
        page.mouse.move(0, 0)
        failed = hand.fail(old)
        expect(titles.first).to_have_text("Old one")
        plain_page.goto("/?kind=order&status=failed")
        assert plain_page.locator("#jobs a.title").first.inner_text() == "Old one"
        again = hand.store.next_attempt(failed, frozenset({Status.FAILED}))
        assert again is not None
        again = hand.start(again)
        hand.fail(hand.start(hand.create(kind="order", title="Newer one")))
        expect(titles.first).to_have_text("Newer one")
        hand.fail(again)
        expect(titles.first).to_have_text("Old one")


def test_nothing_moves_under_the_pointer_until_it_leaves(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(100)
    system.ended(system.submit("watched.walk", name="Pointed at", pace=pace.path)["id"])
    page.goto("/")
    live(page)
    row_of(page, "Pointed at").hover()
    system.submit("watched.walk", name="Came meanwhile", pace=pace.path)
    arrivals = page.get_by_role("button", name="1 new job")
    expect(arrivals).to_be_visible()
    expect(row_of(page, "Came meanwhile")).to_have_count(0)
    page.mouse.move(0, 0)
    expect(row_of(page, "Came meanwhile")).to_be_visible()
    expect(arrivals).to_be_hidden()


def test_the_button_that_tells_of_arrivals_can_be_hit(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(100)
    system.ended(system.submit("watched.walk", name="Rested on", pace=pace.path)["id"])
    page.goto("/")
    live(page)
    row_of(page, "Rested on").hover()
    system.submit("watched.walk", name="Came to be shown", pace=pace.path)
    arrivals = page.get_by_role("button", name="1 new job")
    expect(arrivals).to_be_visible()
    target = arrivals.bounding_box()
    assert target is not None
    # As a hand does it: over the edge of the list, then onto the button, then a look, then a click.
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] - 4, steps=5)
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + target["height"] / 2, steps=5)
    system.submit("watched.walk", name="Came during the look", pace=pace.path)
    more = page.get_by_role("button", name="2 new jobs")
    expect(more).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    expect(row_of(page, "Came to be shown")).to_be_visible()
    expect(row_of(page, "Came during the look")).to_be_visible()
    expect(more).to_be_hidden()


OVERTAKEN = """async () => {
  const { JobList } = await import("/static/joblist.js");
  const panels = new Proxy({}, { get: () => () => {} });
  const list = new JobList(document.getElementById("jobs"), panels, () => {});
  const job = {
    id: "overtaken", title: "Overtaken", progress: 50, message: "", step: null, step_name: null,
    eta_seconds: null, attempt: 1, error: null, created_at: new Date().toISOString(),
    links: { page: "/jobs/overtaken" },
  };
  list.hear("job", { ...job, seq: 1e9, status: "finished" }); // newer than what the stream brings
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  list.hear("list", { jobs: [{ ...job, seq: 1e9 - 1, status: "started" }], cursor: "epoch:1" });
  const said = list.button.textContent;
  list.button.click(); // at once: the page's own list, which has no arrival, would hide it
  return said;
}"""


def test_an_answer_that_an_event_has_overtaken_takes_no_arrival_back(
    page: Page, system: System
) -> None:
    system.ended(system.submit("watched.say", text="Already there")["id"])
    page.goto("/")
    live(page)
    row_of(page, "Already there").get_by_role("link").focus()
    assert page.evaluate(OVERTAKEN) == "1 new job"
    expect(row_of(page, "Overtaken")).to_contain_text("finished")


def test_the_counts_and_the_queues_follow(page: Page, system: System, pace: Pace) -> None:
    page.goto("/")
    live(page)
    system.submit("watched.walk", name="Counted walk", pace=pace.path)
    waiting = system.submit("watched.walk", name="Waiting walk", pace=pace.path)
    states = page.get_by_label("Jobs by state")
    expect(states.get_by_role("link", name="started")).to_contain_text("1")
    expect(states.get_by_role("link", name="queued")).to_contain_text("1")
    queue = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="watched"))
    expect(queue).to_contain_text("1 waiting, 1 started")
    pace.to(100)
    system.ended(waiting["id"])
    expect(queue.filter(has_text="1 waiting")).to_have_count(0)
    expect(states.get_by_role("link", name="queued")).to_contain_text("0")


def test_the_counts_of_a_narrowed_list_are_of_its_jobs_and_follow(
    page: Page, plain_page: Page, system: System, pace: Pace
) -> None:
    for owner in ("narrow", "wide"):
        body = {"kind": "watched.walk", "params": {"pace": pace.path}, "owner": owner}
        system.http.post("/api/jobs", json=body).raise_for_status()
    for each in (page, plain_page):
        each.goto("/?owner=narrow")
        expect_count(each, "all", 1)
    plain_page.goto("/?q=wa")
    assert plain_page.get_by_label("Jobs by state").locator("b").count() == 0, "too slow to count"
    live(page)
    expect_count(page, "started", 1)
    pace.to(100)
    expect_count(page, "finished", 1)
    expect_count(page, "started", 0)
    expect_count(page, "all", 1)


def expect_count(page: Page, state: str, count: int) -> None:
    """The figure above the list."""
    link = page.get_by_label("Jobs by state").get_by_role("link", name=state)
    expect(link.locator("b")).to_have_text(str(count))
