"""What a page does while the server, its stream or Redis is away: it goes on, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.browser.test_job_page import walked
from tests.support.browser import Visitor, has_stayed, stays
from tests.support.browser_proxy import Gateway
from tests.support.system import System

# Milliseconds within which a page that found nobody tries again.
BACK_MILLISECONDS = 30_000


@pytest.fixture
def gateway(system: System) -> Iterator[Gateway]:
    """A gateway in front of the server."""
    with Gateway(system.port) as opened:
        yield opened


def test_a_killed_server_is_not_noticed_but_by_a_word(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    pace.to(20)
    job = system.submit("watched.walk", name="Long-lived walk", pace=pace.path)
    page, board = visitor.page(), visitor.page()
    page.goto(f"/jobs/{job['id']}")
    board.goto("/")
    for tab in (page, board):
        live(tab)
        stays(tab)
    as_it_runs = str(page.get_by_role("progressbar").evaluate("bar => getComputedStyle(bar).color"))
    system.web.kill()
    pace.to(60)
    expect(page.get_by_role("banner")).to_contain_text("reconnecting")
    expect(page.get_by_role("progressbar")).not_to_have_css("color", as_it_runs)
    system.web.start()
    live(page)
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 60)
    expect(page.get_by_role("progressbar")).to_have_css("color", as_it_runs)
    pace.to(100)
    expect(page.get_by_role("list", name="Log").get_by_role("listitem")).to_have_text(walked())
    expect(row_of(board, "Long-lived walk")).to_contain_text("finished")
    live(board)
    assert has_stayed(page)
    assert has_stayed(board)


def opened(visitor: Visitor, gateway: Gateway, job_id: str) -> tuple[Page, Page]:
    """A job's page and the dashboard, live through the gateway."""
    page, board = visitor.page(), visitor.page()
    page.goto(f"{gateway.address}/jobs/{job_id}")
    board.goto(gateway.address)
    for tab in (page, board):
        live(tab)
        stays(tab)
    return page, board


def test_where_streams_are_refused_the_page_asks_and_later_listens_again(
    visitor: Visitor, system: System, gateway: Gateway, pace: Pace
) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Walk behind a gateway", pace=pace.path)
    page, board = opened(visitor, gateway, job["id"])
    gateway.refuse(502, 503)
    for tab in (page, board):
        expect(tab.get_by_role("banner")).to_contain_text("checking every 3 s")
    pace.to(50)
    expect(page.get_by_role("list", name="Log")).to_contain_text("passed 50")
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 50)
    expect(row_of(board, "Walk behind a gateway")).to_contain_text("50%")
    gateway.refuse()
    for tab in (page, board):
        expect(tab.get_by_role("banner")).to_contain_text("live", timeout=BACK_MILLISECONDS)
    pace.to(100)
    expect(page.get_by_role("list", name="Log").get_by_role("listitem")).to_have_text(walked())
    expect(row_of(board, "Walk behind a gateway")).to_contain_text("finished")
    assert has_stayed(page)
    assert has_stayed(board)


def test_while_a_gateway_answers_502_to_everything_the_page_waits_and_comes_back(
    visitor: Visitor, system: System, gateway: Gateway, pace: Pace
) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Walk through a release", pace=pace.path)
    page, board = opened(visitor, gateway, job["id"])
    gateway.refuse(502, everything=True)
    for tab in (page, board):
        expect(tab.get_by_role("banner")).to_contain_text("reconnecting")
    pace.to(100)
    system.ended(job["id"])
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 10)
    gateway.refuse()
    expect(page).to_have_title(re.compile("^finished"), timeout=BACK_MILLISECONDS)
    expect(page.get_by_role("list", name="Log").get_by_role("listitem")).to_have_text(walked())
    expect(page.get_by_role("main")).to_contain_text('"steps": 100')
    row = row_of(board, "Walk through a release")
    expect(row).to_contain_text("finished", timeout=BACK_MILLISECONDS)
    expect(board.get_by_role("banner")).to_contain_text("live", timeout=BACK_MILLISECONDS)
    assert has_stayed(page)
    assert has_stayed(board)


def test_without_redis_the_page_says_so_and_changes_all_the_same(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(10)
    job = system.submit("watched.walk", name="Walk without Redis", pace=pace.path)
    page.goto(f"/jobs/{job['id']}")
    live(page)
    stays(page)
    system.redis.kill()
    try:
        expect(page.get_by_role("banner")).to_contain_text("Redis away")
        pace.to(60)
        expect(page.get_by_role("progressbar")).to_have_js_property("value", 60)
        expect(page.get_by_role("list", name="Log")).to_contain_text("passed 60")
    finally:
        system.redis.start()
    live(page)
    pace.to(100)
    expect(page.get_by_role("list", name="Log").get_by_role("listitem")).to_have_text(walked())
    assert has_stayed(page)
