"""The dashboard in a real Chromium: how soon it is there, how it bears 500 changes a second.

The store has a hundred thousand jobs. Where there is no Chromium nothing is measured.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from headway.model.record import Record
from headway.settings import read_settings
from tests.bench.figures import Figure, percentile
from tests.bench.full_store import fill
from tests.support.browser import executable, launched
from tests.support.by_hand import Hand
from tests.support.system import System

STORED_JOBS = 100_000
# As many rows as the list keeps: every change can be seen on it.
CHANGING_JOBS = 200
CHANGES_A_SECOND = 500
SECONDS = 60.0
# Changes written between two looks at the clock.
BATCH = 10
LOADS = 7
SERVED = 40
MEBIBYTE = 2**20
WIDE: ViewportSize = {"width": 1280, "height": 900}
PATIENCE_MILLISECONDS = 60_000
PAINTED = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
})"""
COUNT_FRAMES = """() => {
  window.frames_drawn = [];
  const count = (moment) => { window.frames_drawn.push(moment); requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""
COUNT_CHANGES = """() => {
  window.rows_changed = 0;
  new MutationObserver((changes) => {
    window.rows_changed += changes.filter((it) => it.attributeName === "data-seq").length;
  }).observe(document.getElementById("jobs"), { subtree: true, attributeFilter: ["data-seq"] });
}"""


def measure(system: System, seconds: float = SECONDS) -> list[Figure]:
    """Loading and live figures; the list is watched for so many seconds."""
    settings = read_settings(
        env_file=None, data_dir=system.folder / "data", redis_url=system.redis_url
    )
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            print("no Chromium: the pages are not measured")
            return []
        fill(settings, STORED_JOBS)
        with launched(playwright, path) as browser, Hand(settings) as hand:
            return [*_loading(system, browser), *_living(system, browser, hand, seconds)]


def _loading(system: System, browser: Browser) -> list[Figure]:
    system.http.get("/")  # the first one compiles the templates
    served = [_seconds(lambda: system.http.get("/").raise_for_status()) for _ in range(SERVED)]
    painted = [_largest_paint(system, browser) for _ in range(LOADS)]
    of = f"{STORED_JOBS:,} jobs stored"
    return [
        Figure(f"dashboard served, {of}, p50", 1000 * percentile(served, 0.5), "ms", 100),
        Figure(f"dashboard served, {of}, p99", 1000 * percentile(served, 0.99), "ms", 200),
        Figure(f"largest contentful paint, {of}, p50", percentile(painted, 0.5), "ms", 300),
    ]


def _seconds(call: Any) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _largest_paint(system: System, browser: Browser) -> float:
    """Milliseconds from the click to the largest paint, with nothing cached."""
    with _opened(system, browser) as page:
        return float(page.evaluate(PAINTED))


@contextmanager
def _opened(system: System, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{system.port}/")
    yield page
    context.close()


def _living(system: System, browser: Browser, hand: Hand, seconds: float) -> list[Figure]:
    with _opened(system, browser) as page:
        page.get_by_text("live", exact=True).wait_for()
        jobs = [hand.start(hand.create(queue="nobody")) for _ in range(CHANGING_JOBS)]
        # By a locator: the page's policy forbids a condition that is written as text.
        page.locator("#jobs > li").nth(CHANGING_JOBS - 1).wait_for()
        page.evaluate(COUNT_CHANGES)
        page.evaluate(COUNT_FRAMES)
        heap = _watched_while(page, threading.Thread(target=_change, args=(hand, jobs, seconds)))
        moments = page.evaluate("frames_drawn")
        changed = page.evaluate("rows_changed") / seconds
    frames = [later - earlier for earlier, later in pairwise(moments)]
    of = f"{CHANGES_A_SECOND} changes a second"
    print(
        f"{changed:.0f} rows changed a second for {seconds:g} s; {1000 / _mean(frames):.1f} frames"
    )
    return [
        Figure(f"a frame of the list, {of}, mean", _mean(frames), "ms", 20),
        Figure(f"a frame of the list, {of}, p99", percentile(frames, 0.99), "ms", 50),
        Figure(f"changes a second that are not seen, of {CHANGES_A_SECOND}",
               max(0.0, CHANGES_A_SECOND - changed), "", 0.1 * CHANGES_A_SECOND),
        Figure(f"script heap, {of}, most", heap / MEBIBYTE, "MiB", 60),
    ]  # fmt: skip


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _watched_while(page: Page, changing: threading.Thread) -> float:
    """The largest heap, in bytes, that the page has while the jobs change."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    most = 0.0
    changing.start()
    while changing.is_alive():
        page.wait_for_timeout(1_000)
        most = max(most, _heap(session))
    changing.join()
    return most


def _heap(session: CDPSession) -> float:
    metrics = {
        each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]
    }
    return float(metrics["JSHeapUsedSize"])


def _change(hand: Hand, jobs: list[Record], seconds: float) -> None:
    began = time.monotonic()
    for number in range(int(seconds * CHANGES_A_SECOND)):
        if number % BATCH == 0:
            time.sleep(max(0.0, began + number / CHANGES_A_SECOND - time.monotonic()))
        index = number % len(jobs)
        progress = number / (seconds * CHANGES_A_SECOND) * 100
        jobs[index] = hand.change(jobs[index], progress=progress, message=f"Row {number:,}")
