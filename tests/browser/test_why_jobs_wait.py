"""A person who waits for a job that cannot begin reads why, and what to do, as it changes."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from rq.suspension import resume, suspend

from headway.broker.connection import connected
from headway.broker.redis_refusals import SUSPENDED
from tests.support.browser import has_stayed, stays
from tests.support.system import System


def test_suspended_workers_are_told_on_every_page_until_they_are_resumed(
    page: Page, system: System
) -> None:
    job = system.http.post(
        "/api/jobs", json={"kind": "watched.walk", "params": {}, "delay_seconds": 600}
    ).json()
    with connected(system.redis_url) as redis:
        for path in ("/", f"/jobs/{job['id']}"):
            page.goto(path)
            stays(page)
            expect(page.locator("#waits")).to_be_hidden()

            suspend(redis)
            try:
                expect(page.locator("#waits")).to_have_text(SUSPENDED)
            finally:
                resume(redis)

            expect(page.locator("#waits")).to_be_hidden()
            assert has_stayed(page)
    system.http.post(f"/api/jobs/{job['id']}/stop")
