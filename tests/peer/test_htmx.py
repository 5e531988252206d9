"""htmx in a real Chromium: the page shows a job, follows it over a restart, and stops asking."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from headway.settings import Settings
from tests.support.app_server import serving
from tests.support.browser import MISSING, executable, flags
from tests.support.by_hand import Hand
from tests.support.peer import PACKAGES, no_peer
from tests.support.valkey import free_port

# Version 4 hands a named event to the page; both say when and why they stopped.
SCRIPT = """<script>
addEventListener("job", ({ target, detail }) => { target.textContent = detail.data; });
for (const name of ["htmx:sseClose", "htmx:sse:close"]) {
  addEventListener(name, ({ detail }) => { stopped = detail; });
}
</script>"""


@dataclass(frozen=True)
class Htmx:
    """One version: its scripts, and what a page writes for a job."""

    scripts: tuple[str, ...]
    element: str


VERSIONS = {
    "2": Htmx(
        ("htmx-2/dist/htmx.js", "htmx-ext-sse/sse.js"),
        '<div hx-ext="sse" sse-connect="{src}" sse-close="end">'
        '<p id="job" sse-swap="job"></p></div>',
    ),
    "4": Htmx(
        ("htmx-4/dist/htmx.js", "htmx-4/dist/ext/hx-sse.js"),
        '<div id="job" hx-sse:connect="{src}" hx-sse:close="end"></div>',
    ),
}

pytestmark = [
    pytest.mark.usefixtures("packages"),
    pytest.mark.parametrize("htmx", VERSIONS.values(), ids=VERSIONS),
]


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            no_peer(MISSING)
        browser = await playwright.chromium.launch(executable_path=path, args=flags())
        yield browser
        await browser.close()


async def _show(page: Page, htmx: Htmx, url: str, job_id: str) -> list[str]:
    """Open a page of somebody's site that watches a job; returns what it asks the stream."""
    asked: list[str] = []
    src = f"/api/jobs/{job_id}/events"
    scripts = "".join(f'<script src="/peer/{script}"></script>' for script in htmx.scripts)
    body = f"<!doctype html><title>Elsewhere</title>{scripts}{SCRIPT}{htmx.element.format(src=src)}"

    async def serve(route: Route) -> None:
        name = route.request.url.partition("/peer/")[2]
        script = (PACKAGES / name).read_text() if Path(name).suffix == ".js" else ""
        await route.fulfill(
            body=script or body, content_type="text/javascript" if script else "text/html"
        )

    await page.route("**/peer/**", serve)
    page.on("request", lambda request: asked.append(request.url) if src in request.url else None)
    await page.goto(f"{url}/peer/")
    return asked


async def test_a_page_shows_a_job_over_a_restart_and_stops_asking_at_its_end(
    store: Settings, hand: Hand, htmx: Htmx
) -> None:
    record, port = hand.start(hand.create()), free_port()
    async with _chromium() as browser:
        page = await browser.new_page()
        shown = page.locator("#job")
        async with serving(store, port=port) as server:
            asked = await _show(page, htmx, server.url, record.id)
            record = hand.change(record, message="before")
            await expect(shown).to_contain_text('"message":"before"')
        record = hand.change(record, message="meanwhile")
        async with serving(store, port=port):
            await expect(shown).to_contain_text('"message":"meanwhile"', timeout=20_000)
            assert await page.evaluate("typeof stopped") == "undefined"
            visits = len(asked)
            hand.finish(record)
            await expect(shown).to_contain_text('"status":"finished"')
            await page.wait_for_function("typeof stopped !== 'undefined'")

        assert await page.evaluate("stopped.type ?? stopped.reason") == "message"
        assert await page.evaluate("stopped.source?.readyState ?? EventSource.CLOSED") == 2
        assert len(asked) == visits
