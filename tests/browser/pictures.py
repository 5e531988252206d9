"""`python -m tests.browser.pictures`: runs the real system and takes the README's pictures."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, expect, sync_playwright

from tests.support.browser import MISSING, executable, launched
from tests.support.system import ROOT, System

KINDS = "tests.support.browser_demo"
PICTURES = ROOT / "quart_app" / "static" / "pictures"
MOST_BYTES = 150_000
MAKING_SECONDS = 180.0
PATIENCE_MILLISECONDS = 60_000
DESK = {"width": 1280, "height": 860}
TALL_DESK = {"width": 1280, "height": 1080}
PHONE = {"width": 390, "height": 800}
PEOPLE = [
    ("Ada Lovelace", 36, "female", "oil", "A curious, cheerful inventor with dark hair in a bun."),
    ("Bruno Sailor", 58, "male", "cartoon", "A gruff old sailor with a grey beard and a pipe."),
    ("Noor", 24, "female", "watercolor", "A calm gardener with long black hair who loves rain."),
    ("Professor Quill", 71, "male", "pencil", "A bookish scholar with white hair and glasses."),
    ("Kit", 11, "", "pixel_art", "An adventurous child with red hair and freckles."),
    ("Zora", 29, "female", "pop_art", "A bold singer with curly hair who laughs out loud."),
]


def main() -> None:
    """Write every picture."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            sys.exit(MISSING)
        system = System(Path(folder), kinds=KINDS)
        try:
            system.start()
            character = make_people(system)
            job = make_jobs(system, Path(folder) / "go-on")
            with launched(playwright, path) as browser:
                take(browser, system, job, character)
        finally:
            (Path(folder) / "go-on").touch()
            system.stop()
            system.http.close()


def make_people(system: System) -> str:
    """Characters in every style, and a story of the first; returns the first one's id."""
    made = []
    for name, age, gender, style, profile in PEOPLE:
        asked = {"name": name, "age": age, "gender": gender, "art_style": style}
        asked["personality_profile"] = profile
        made.append(post(system, "/api/characters", asked))
    for one in made:
        assert system.ended(one["job"]["id"], MAKING_SECONDS)["status"] == "finished"
    first = str(made[0]["character"]["id"])
    story = {"character_id": first, "theme": "a lighthouse afraid of the dark", "length": "short"}
    system.ended(post(system, "/api/stories", story)["job"]["id"], MAKING_SECONDS)
    return first


def make_jobs(system: System, go_on: Path) -> str:
    """Jobs in every state that a quiet office has; returns one that is at work."""
    mail = [
        system.submit("mail.send", subject="What is new in spring"),
        system.submit("mail.send", subject="Opening hours in July", recipients=60_000),
    ]
    for job in [
        system.submit("customers.import", file="branches.csv", rows=900),
        system.submit("figures.month", month="October"),
        mail[0],
    ]:
        system.ended(job["id"])
    system.http.post(f"/api/jobs/{mail[1]['id']}/stop")
    system.ended(mail[1]["id"])
    pausing = {"rows": 12_000, "pause_at": 0.64, "go_on": str(go_on)}
    at_work = system.submit("customers.import", file="customers.csv", **pausing)
    system.submit("mail.send", subject="Your invoice", recipients=100_000)
    system.submit("figures.month", month="November")
    system.submit("customers.import", file="suppliers.csv")
    return str(at_work["id"])


def post(system: System, address: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask for something new; returns the answer."""
    answer: dict[str, Any] = system.http.post(address, json=asked).raise_for_status().json()
    return answer


def take(browser: Browser, system: System, job: str, character: str) -> None:
    """Take every picture."""
    waiting = opened(browser, system, f"/jobs/{job}", DESK)
    expect(waiting.get_by_role("main")).to_contain_text(re.compile("6[34]%"))
    for name, address, size, scheme in [
        ("dashboard-light", "/", DESK, "light"),
        ("dashboard-dark", "/", DESK, "dark"),
        ("job", f"/jobs/{job}", TALL_DESK, "light"),
        ("character", f"/characters/{character}", DESK, "light"),
        ("phone", "/", PHONE, "light"),
    ]:
        page = opened(browser, system, address, size, scheme)
        shown = "Start a story" if name == "character" else "live"
        expect(page.get_by_text(shown, exact=True)).to_be_visible()
        path = PICTURES / f"{name}.png"
        # Without the strip that the page keeps free for a scroll bar.
        width = page.evaluate("document.documentElement.getBoundingClientRect().width")
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": size["height"]}
        page.screenshot(path=path, animations="disabled", clip=clip)
        shrink(path)
        page.context.close()
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1000} kB")


def opened(
    browser: Browser, system: System, address: str, size: Any, scheme: Any = "light"
) -> Page:
    """A page of the running system."""
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    page.on("pageerror", lambda error: print(f"{address}: {error}", file=sys.stderr))
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    page.goto(f"http://127.0.0.1:{system.port}{address}")
    return page


def shrink(path: Path) -> None:
    """Rewrite a picture in few colours, small enough for a README."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(
            256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)
    assert path.stat().st_size <= MOST_BYTES, f"{path} is larger than {MOST_BYTES} bytes"


if __name__ == "__main__":
    main()
