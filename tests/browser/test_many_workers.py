"""The panel of the workers when there are many: idle ones are folded, and it keeps still."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from headway.model.record import now
from headway.settings import read_settings
from quart_app.pages.panels import SHOWN_WORKERS
from tests.browser.test_dashboard import live
from tests.support.by_hand import Hand
from tests.support.system import System

SPARE = [f"spare-{number:02}" for number in range(12)]
# Seconds by which their signs of life are ahead: none of them is lost while a test runs.
AHEAD_SECONDS = 90
FOLDED = re.compile(r"^\d+ more idle workers$")


@pytest.fixture
def hand(system: System) -> Iterator[Hand]:
    """A dozen workers more, which leave when the test is over."""
    settings = read_settings(
        env_file=None, data_dir=system.folder / "data", redis_url=system.redis_url
    )
    with Hand(settings) as played:
        for name in SPARE:
            played.heartbeat(name, queue="spare", silent_seconds=-AHEAD_SECONDS)
        yield played
        for name in SPARE:
            played.heartbeat(name, queue="spare", ended_at=now())


def spare(page: Page, name: str) -> Locator:
    """A worker's own row, folded or not."""
    return page.locator(f"#workers [data-key={name}]")


def shown(page: Page) -> int:
    """How many workers are seen while nobody opened the fold."""
    return page.locator("#workers > [data-key]").count()


def test_idle_workers_beyond_six_rows_are_folded_without_javascript_too(
    page: Page, plain_page: Page, hand: Hand
) -> None:
    page.goto("/")
    live(page)
    plain_page.goto("/")
    for each in (page, plain_page):
        assert shown(each) == SHOWN_WORKERS
        expect(spare(each, SPARE[-1])).to_be_hidden()
        each.get_by_text(FOLDED).click()
        expect(spare(each, SPARE[-1])).to_contain_text("idle")
    assert (
        page.locator("#workers summary").inner_text() == plain_page.get_by_text(FOLDED).inner_text()
    )


def test_what_was_opened_stays_open_with_the_focus_while_workers_become_busy(
    page: Page, hand: Hand
) -> None:
    page.goto("/")
    live(page)
    fold = page.locator("#workers summary")
    fold.focus()
    page.keyboard.press("Enter")
    expect(spare(page, SPARE[-1])).to_be_visible()
    job = hand.start(hand.create(queue="spare"), worker=SPARE[-1])

    out_of_the_fold = page.locator(f"#workers > [data-key={SPARE[-1]}]")
    expect(out_of_the_fold.get_by_role("link", name="busy")).to_be_visible()
    expect(spare(page, SPARE[-1])).to_have_count(1)
    expect(fold).to_be_focused()
    expect(spare(page, SPARE[-2])).to_be_visible()
    assert shown(page) == SHOWN_WORKERS
    hand.finish(job)
    expect(out_of_the_fold).to_have_count(0)
    expect(spare(page, SPARE[-1])).to_contain_text("idle")


def test_under_the_pointer_a_worker_says_that_it_is_busy_where_it_is(
    page: Page, hand: Hand
) -> None:
    page.goto("/")
    live(page)
    page.get_by_text(FOLDED).click()
    folded = page.locator(f"#workers details [data-key={SPARE[-1]}]")
    folded.hover()
    job = hand.start(hand.create(queue="spare"), worker=SPARE[-1])
    expect(folded).to_contain_text("busy")
    page.mouse.move(0, 0)
    another = hand.start(hand.create(queue="spare"), worker=SPARE[-2])  # the next news
    expect(folded).to_have_count(0)
    expect(spare(page, SPARE[-1])).to_be_visible()
    for each in (job, another):
        hand.finish(each)
