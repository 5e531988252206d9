"""The real Chromium: where it is, how it is launched, and what no page of ours may do in it.

It knows no page and no job.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Playwright as AsyncPlaywright
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Playwright

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
)
MISSING = "no Chromium: install Debian's chromium-headless-shell, or `playwright install chromium`"
# No GPU, no QUIC, and no traffic but ours.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable(playwright: Playwright | AsyncPlaywright) -> str | None:
    """The path of a Chromium: the machine's, or one that Playwright brought; None without any."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def launched(playwright: Playwright, path: str) -> Iterator[Browser]:
    """A browser for the length of a `with`."""
    browser = playwright.chromium.launch(executable_path=path, args=flags())
    try:
        yield browser
    finally:
        browser.close()


def flags() -> list[str]:
    """How it is launched."""
    # Chromium's sandbox does not work for root; anybody else keeps it.
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)


class Visitor:
    """One person's browser window: its pages, and what went wrong in them."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.requests: list[str] = []
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))
        context.on("console", self._console)
        context.on("dialog", self._answer)
        context.on("request", lambda request: self.requests.append(request.url))

    def page(self) -> Page:
        """A new tab."""
        return self.context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def _answer(self, dialog: Dialog) -> None:
        """Say yes to every question, and remember it."""
        self.asked.append(f"{dialog.type}: {dialog.message}")
        dialog.accept()


def stays(page: Page) -> None:
    """Leave a mark in the page that a reload would wipe out; `has_stayed` looks for it."""
    page.evaluate("window.stayed = true")


def has_stayed(page: Page) -> bool:
    """True when the page has not been loaded anew since `stays`."""
    return bool(page.evaluate("window.stayed === true"))
