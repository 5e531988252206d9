"""What an open page shows stays true: after the end, after a restored store, in silence."""

from __future__ import annotations

import re
import shutil
import signal
import sqlite3
from contextlib import closing

from playwright.sync_api import Page, expect

from tests.browser.conftest import Pace
from tests.browser.test_dashboard import live, row_of
from tests.support.browser import Visitor
from tests.support.system import System
from tests.support.waiting import eventually

# Milliseconds after which a page no longer believes in a connection that says nothing.
SILENCE_MILLISECONDS = 13_000


def test_the_page_of_a_job_that_is_over_follows_another_attempt_and_its_deletion(
    page: Page, system: System, pace: Pace
) -> None:
    pace.to(20)
    job = system.submit("watched.walk", name="Walk tried again elsewhere", pace=pace.path)["id"]
    eventually(lambda: system.job(job)["status"] == "started")
    system.http.post(f"/api/jobs/{job}/stop").raise_for_status()
    system.ended(job)
    page.goto(f"/jobs/{job}")
    live(page)

    system.http.post(f"/api/jobs/{job}/retry").raise_for_status()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("20%")
    pace.to(100)
    expect(page).to_have_title(re.compile("^finished"))

    system.http.delete(f"/api/jobs/{job}").raise_for_status()
    expect(page.get_by_role("alert")).to_have_text("This job was deleted.")
    expect(page).to_have_title("deleted · Headway")


def test_pages_forget_what_an_older_store_that_was_put_back_does_not_know(
    visitor: Visitor, system: System, pace: Pace
) -> None:
    pace.to(20)
    kept = system.submit("watched.walk", name="Walk of two stores", pace=pace.path)["id"]
    eventually(lambda: system.job(kept)["status"] == "started")
    system.http.post(f"/api/jobs/{kept}/stop").raise_for_status()
    system.ended(kept)
    (store,) = (path for path in (system.folder / "data").iterdir() if path.suffix == ".db")
    older = store.with_suffix(".older")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("VACUUM INTO ?", (str(older),))
    pace.to(100)
    system.http.post(f"/api/jobs/{kept}/retry").raise_for_status()
    system.ended(kept)
    lost = system.submit("watched.say", text="Never was")["id"]
    system.ended(lost)
    board, page = visitor.page(), visitor.page()
    board.goto("/")
    page.goto(f"/jobs/{kept}")
    expect(row_of(board, "Walk of two stores")).to_contain_text("finished")
    expect(page).to_have_title(re.compile("^finished"))
    live(page)

    system.worker.terminate()
    system.web.kill()
    for part in store.parent.glob(f"{store.name}*"):
        part.unlink()
    shutil.move(older, store)
    system.web.start()
    system.worker.start()

    expect(row_of(board, "Walk of two stores")).to_contain_text("stopped")
    expect(board.get_by_role("link", name="Never was")).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("finished")
    live(board)


def test_a_server_that_says_nothing_is_not_shown_as_live(page: Page, system: System) -> None:
    page.goto("/")
    live(page)
    system.web.signal(signal.SIGSTOP)
    try:
        banner = page.get_by_role("banner")
        expect(banner).to_contain_text("reconnecting", timeout=SILENCE_MILLISECONDS)
    finally:
        system.web.signal(signal.SIGCONT)
    live(page)
