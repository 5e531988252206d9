"""The element for other pages: many of them on one page of the same origin."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.browser import Visitor
from tests.support.system import System

MANY = 8  # more than a browser opens connections to one host
HEAD = '<!doctype html><title>Elsewhere</title><script type="module" src="/static/job-progress.js">'


def test_many_elements_on_one_page_all_tell_and_leave_the_page_its_connections(
    visitor: Visitor, system: System
) -> None:
    jobs = [system.submit("watched.walk", name=f"Walk {n}")["id"] for n in range(MANY)]
    page = visitor.page()
    _show(page, jobs)
    expect(page.locator("job-progress[status]")).to_have_count(MANY)
    assert page.evaluate("fetch('/healthz').then(answer => answer.status)") == 200

    for job in jobs:
        system.http.post(f"/api/jobs/{job}/stop").raise_for_status()

    over = page.locator("job-progress[status=stopped], job-progress[status=canceled]")
    expect(over).to_have_count(MANY, timeout=30_000)


def _show(page: Page, jobs: list[str]) -> None:
    elements = "".join(
        f'<job-progress src="/api/jobs/{job}/events"></job-progress>' for job in jobs
    )
    body = f"{HEAD}</script>{elements}"
    page.route("**/elsewhere", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("/elsewhere")
