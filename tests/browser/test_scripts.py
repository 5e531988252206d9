"""A page's scripts: fetched at once; a page that could not load them says so and tries again."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_dashboard import live

NOT_LIVE = "could not load its scripts"


def refuse(page: Page, address: str) -> None:
    """Requests for this address get a 502, as from a proxy whose server restarts."""
    page.route(f"**{address}", lambda route: route.fulfill(status=502))


@pytest.mark.parametrize("address", ["/static/headway.js", "/static/wording.js", "/static/feed.js"])
def test_a_page_that_lost_a_script_says_so_and_becomes_live_by_itself(
    page: Page, address: str
) -> None:
    refuse(page, address)

    page.goto("/")
    expect(page.get_by_text(NOT_LIVE)).to_be_visible()
    page.unroute(f"**{address}")

    expect(page.get_by_text(NOT_LIVE)).to_be_hidden()
    live(page)


def test_a_page_without_its_scripts_waits_until_the_server_is_back(page: Page) -> None:
    refuse(page, "/static/feed.js")
    page.goto("/")
    expect(page.get_by_text(NOT_LIVE)).to_be_visible()

    page.route("**/", lambda route: route.abort())
    for _ in range(2):
        with page.expect_request("**/"):
            pass  # it asks, and again
    page.unroute("**/static/feed.js")
    page.unroute("**/")

    expect(page.get_by_text(NOT_LIVE)).to_be_hidden(timeout=20_000)
    live(page)


def test_what_a_person_has_typed_stays_in_a_page_without_its_scripts(page: Page) -> None:
    refuse(page, "/static/utc-fields.js")
    page.goto("/jobs/new?kind=watched.walk")
    name = page.get_by_label("Name")

    name.fill("Ada")

    expect(page.get_by_role("link", name="Reload it")).to_be_visible()
    expect(name).to_have_value("Ada")


@pytest.mark.parametrize("path", ["/", "/jobs/new?kind=watched.walk", "/last-hour"])
def test_every_module_that_a_page_loads_is_named_in_its_head(page: Page, path: str) -> None:
    loaded: set[str] = set()
    page.on("request", lambda request: loaded.add(urlsplit(request.url).path))

    page.goto(path)
    expect(page.locator("html")).to_have_attribute("data-live", "")

    modules = {each for each in loaded if each.endswith(".js")}
    assert modules == set(re.findall(r'rel="modulepreload" href="([^"]+)"', page.content()))
