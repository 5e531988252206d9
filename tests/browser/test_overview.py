"""What stands beside the list: the last hour, the queues, the workers; and that they keep still."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from quart_app.pages.wording import duration, number, roughly, size
from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live
from tests.support.browser import Visitor, has_stayed, stays
from tests.support.system import System
from tests.support.waiting import eventually

# Rates and memory are no news by themselves: they come this late, in milliseconds, or sooner.
RESTLESS_MILLISECONDS = 30_000
# Milliseconds between two pictures of the last hour.
PICTURE_MILLISECONDS = 30_000
# Milliseconds in which it follows an end, on a busy machine.
SOON_MILLISECONDS = 15_000


def ended(system: System, pace: Pace, name: str) -> None:
    """A job that has come to its end."""
    pace.to(100)
    system.ended(system.submit("watched.walk", name=name, pace=pace.path)["id"])


def row(page: Page, panel: str, name: str) -> Locator:
    """A queue's or a worker's row in its panel."""
    region = page.get_by_role("complementary").locator("section").filter(has_text=panel)
    return region.get_by_role("listitem").filter(has_text=name)


def test_the_last_hour_is_drawn_and_told_without_javascript(
    plain_page: Page, system: System, pace: Pace
) -> None:
    ended(system, pace, "Walk of this hour")
    plain_page.goto("/")
    plain_page.get_by_text("As a table").click()
    rows = plain_page.get_by_role("region", name="Each minute of the last hour").get_by_role("row")
    expect(rows.first).to_have_text(
        re.compile(r"UTC\s*Ended\s*Failed\s*Took, median\s*Waited, median")
    )
    expect(rows.nth(1)).to_have_text(
        re.compile(r"\d\d:\d\d\s*\d+\s*\d+\s*[\w.\s]+\ss\s*[\w.\s]+\ss")
    )
    drawn = plain_page.locator("#last-hour .finished")
    expect(drawn).to_have_attribute("d", re.compile(r"^(M\d+ \d+v-\d+)+$"))
    plain_page.get_by_role("link", name="The last hour").click()
    expect(plain_page.get_by_role("heading", name="The last hour", level=1)).to_be_visible()


def test_the_picture_follows_on_a_slow_clock_and_what_was_opened_stays_open(
    page: Page, system: System, pace: Pace
) -> None:
    ended(system, pace, "Walk before the look")
    page.clock.install()
    page.goto("/")
    live(page)
    stays(page)
    hour = page.locator("#last-hour")
    before = hour.locator("figcaption").first.inner_text()
    page.get_by_text("As a table").click()
    hour.evaluate("hour => hour.querySelectorAll('svg, table').forEach(it => { it.kept = true })")
    ended(system, pace, "Walk during the look")

    def drawn_anew() -> bool:
        page.clock.fast_forward(PICTURE_MILLISECONDS)
        return hour.locator("figcaption").first.inner_text() != before

    eventually(drawn_anew)
    expect(page.get_by_role("region", name="Each minute of the last hour")).to_be_visible()
    expect(page.locator("summary", has_text="As a table")).to_be_focused()
    assert hour.evaluate("hour => [...hour.querySelectorAll('svg, table')].every(it => it.kept)")
    assert has_stayed(page)


def test_the_picture_follows_soon_after_an_end_and_not_after_each_of_many(
    page: Page, visitor: Visitor, system: System, pace: Pace
) -> None:
    page.goto("/")
    live(page)
    figure = page.locator("#last-hour figcaption").first
    before = _first_number(figure.inner_text())
    visitor.requests.clear()

    pace.to(100)
    jobs = [system.submit("watched.walk", name="Walk of many", pace=pace.path) for _ in range(6)]
    for job in jobs:
        system.ended(job["id"])

    expect(figure).to_have_text(re.compile(rf"^{before + len(jobs)}\b"), timeout=SOON_MILLISECONDS)
    asked = [url for url in visitor.requests if url.endswith("/last-hour")]
    assert len(asked) < len(jobs)


def _first_number(text: str) -> int:
    found = re.match(r"\d+", text)
    return int(found[0]) if found else 0


def test_queues_tell_their_rate_and_workers_their_memory(
    page: Page, system: System, pace: Pace
) -> None:
    ended(system, pace, "Walk that counts")
    page.goto("/")
    live(page)
    rate, memory = re.compile(r"[1-9][\d.]* a minute|0\.[2468] a minute"), re.compile(r"\d\sMiB")
    queue = row(page, "Queues", "watched")
    worker = row(page, "Workers", "watched")
    expect(queue).to_contain_text(rate, timeout=RESTLESS_MILLISECONDS)
    expect(worker).to_contain_text(rate, timeout=RESTLESS_MILLISECONDS)
    expect(worker).to_contain_text(memory)
    # The figures themselves may have moved on in between.
    assert without_figures(worker.inner_text()) == without_figures(shown_by_server(page, "Workers"))
    page.reload()
    expect(queue).to_contain_text(rate)


def without_figures(text: str) -> str:
    """How something is worded, whatever its numbers are."""
    return re.sub(r"[\d.]+", "0", text)


def shown_by_server(page: Page, panel: str) -> str:
    """The watched queue's worker as a fresh page words it."""
    fresh = page.context.new_page()
    try:
        fresh.route("**/headway.js", lambda route: route.abort())
        fresh.goto("/")
        return row(fresh, panel, "watched").inner_text()
    finally:
        fresh.close()


def test_a_panel_changes_in_place_and_keeps_the_focus(
    page: Page, system: System, pace: Pace
) -> None:
    ended(system, pace, "Walk for a queue")
    page.goto("/")
    live(page)
    queue = row(page, "Queues", "watched")
    queue.get_by_role("link").focus()
    queue.evaluate("row => { row.kept = true }")
    pace.to(10)
    system.submit("watched.walk", name="Walk in the queue", pace=pace.path)
    expect(queue).to_contain_text("0 waiting, 1 started")
    expect(queue.get_by_role("link")).to_be_focused()
    assert queue.evaluate("row => row.kept")


def test_no_row_comes_under_the_pointer(page: Page, system: System, pace: Pace) -> None:
    ended(system, pace, "Walk for a panel")
    page.goto("/")
    live(page)
    panel = page.locator("#queues").get_by_role("listitem")
    count = panel.count()
    all_jobs = page.get_by_label("Jobs by state").get_by_role("link", name="all")
    before = all_jobs.inner_text()
    panel.first.hover()
    system.submit("watched.elsewhere")
    expect(all_jobs).not_to_have_text(before, use_inner_text=True)
    expect(panel).to_have_count(count)
    page.mouse.move(0, 0)
    expect(row(page, "Queues", "elsewhere")).to_be_visible()


def test_the_page_words_figures_as_the_server_does(page: Page) -> None:
    figures = [0, 0.04, 0.2, 1, 1.5, 12, 59.6, 61, 1023, 1024, 3600, 61_900_000, 90_061, 5 * 2**30]
    # Ties, and where one unit ends and the next begins.
    figures += [0.25, 0.35, 2.5, 12.5, 59.5, 90, 150, 1280, 3569, 3569.5, 3570, 5400, 9000]
    figures += [174_599, 174_600, 216_000, 1_000_000]
    page.goto("/docs")
    told = page.evaluate(
        """async (figures) => {
          const { duration, number, roughly, size } = await import("/static/wording.js");
          return figures.map((it) => [duration(it), number(it), roughly(it), size(it)]);
        }""",
        figures,
    )
    assert told == [[duration(it), number(it), roughly(it), size(it)] for it in figures]
