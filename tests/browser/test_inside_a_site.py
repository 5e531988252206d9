"""Headway as a part of a site, in a browser: nothing leaves its prefix, and everything is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.support.browser import Visitor, has_stayed, stays
from tests.support.browser_proxy import Gateway
from tests.support.system import Program, System, procfile
from tests.support.valkey import free_port
from tests.support.waiting import eventually

PREFIX = "/jobs"
HELD = "navigator.locks.query().then(({ held }) => held.map((lock) => lock.name))"
ELSEWHERE = """<!doctype html><title>Elsewhere</title>
<script type="module" src="{prefix}/static/job-progress.js"></script>
<job-progress src="{prefix}/api/jobs/{job}/events"></job-progress>"""


@pytest.fixture(scope="module")
def port(system: System) -> Iterator[int]:
    """Where a web listens that knows its prefix, beside the system's own, with the same jobs."""
    port = free_port()
    environment = system.environment | {"PORT": str(port), "URL_PREFIX": PREFIX}
    web = Program("web-inside", procfile()["web"], environment, system.folder)
    web.start()
    try:
        eventually(lambda: f"http://127.0.0.1:{port}{PREFIX}" in web.output, within=40)
        yield port
    finally:
        assert web.terminate() == 0, web.output


@pytest.fixture(params=[True, False], ids=["stripped", "passed on"])
def visitor(
    request: pytest.FixtureRequest, port: int, visit: Callable[..., Visitor]
) -> Iterator[Visitor]:
    """Somebody at the site."""
    with Gateway(port, PREFIX, strips=request.param) as site:
        yield visit(base_url=site.address)


def test_the_dashboard_and_a_jobs_page_are_live_and_act_within_the_site(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    pace.to(20)
    board = visitor.page()
    board.goto(f"{PREFIX}/")
    live(board)
    stays(board)
    job = system.submit("watched.walk", name="Walk inside", pace=pace.path)
    row = row_of(board, "Walk inside").first
    expect(row.get_by_role("progressbar")).to_have_js_property("value", 20)
    assert has_stayed(board)
    assert board.evaluate(HELD) == [f"headway-2{PREFIX}"]

    row.get_by_role("link", name="Walk inside").click()
    expect(board).to_have_url(re.compile(f"{PREFIX}/jobs/{job['id']}$"))
    live(board)
    stays(board)
    pace.to(60)
    expect(board.get_by_role("list", name="Log").get_by_role("listitem").last).to_have_text(
        "passed 60"
    )
    board.get_by_role("button", name="Stop").click()
    expect(board.get_by_role("main")).to_contain_text("stopped")
    assert has_stayed(board)
    board.get_by_role("button", name="Delete").click()
    expect(board).to_have_url(re.compile(f"{PREFIX}/$"))
    live(board)
    board.keyboard.press("n")
    expect(board.get_by_role("heading", name="New job")).to_be_visible()
    asked = [urlsplit(url).path for url in visitor.requests]
    assert [path for path in asked if not path.startswith(f"{PREFIX}/")] == []


def test_the_element_tells_of_a_job_on_a_page_of_the_site(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    pace.to(30)
    job = system.submit("watched.walk", name="Walk elsewhere", pace=pace.path)
    body = ELSEWHERE.format(prefix=PREFIX, job=job["id"])
    page = visitor.page()
    page.route("**/elsewhere", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("/elsewhere")
    expect(page.locator("job-progress[status=started]")).to_contain_text("30%")
    pace.to(100)
    expect(page.locator("job-progress[status=finished]")).to_contain_text("100%")
