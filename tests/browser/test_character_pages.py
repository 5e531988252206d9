"""From the form to the portrait, and from the portrait to a story, as a person goes."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.conftest import MAKING_MILLISECONDS
from tests.support.browser import has_stayed, stays
from tests.support.system import System

# The address of a character's own page.
CHARACTER = re.compile(r"/characters/[0-9a-f-]{36}$")


def fill(page: Page, name: str) -> None:
    """Fill in the form of a new character."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Age", exact=True).fill("36")
    page.get_by_label("Personality").fill("A cheerful inventor with red hair and round glasses.")
    page.get_by_label("Art style").select_option("pencil")


def photo(folder: Path) -> Path:
    """A small photo, of nobody."""
    path = folder / "face.png"
    Image.radial_gradient("L").resize((160, 160)).convert("RGB").save(path)
    return path


def test_a_character_with_a_photo_becomes_a_portrait_on_its_own(page: Page, tmp_path: Path) -> None:
    page.goto("/characters/new")
    fill(page, "Ada Photographed")
    page.get_by_label("Reference photo").set_input_files(photo(tmp_path))
    expect(page.get_by_role("img", name="The chosen photo")).to_be_visible()
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile(r"/characters/generating\?character_id="))
    expect(page).to_have_url(CHARACTER, timeout=MAKING_MILLISECONDS)
    expect(page.get_by_role("heading", name="Ada Photographed", exact=True)).to_be_visible()
    expect_drawn(page.get_by_role("img", name="Portrait of Ada Photographed"))
    page.goto("/characters")
    card = page.get_by_role("link", name="Ada Photographed")
    expect_drawn(card.locator("img"))


def expect_drawn(picture: Locator) -> None:
    """The picture is there, and it is a picture."""
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0


def test_what_cannot_be_used_is_said_at_its_field(page: Page, tmp_path: Path) -> None:
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"this is no picture")
    page.goto("/characters/new")
    fill(page, "   ")
    answer = sent(page)
    assert answer.status == 422
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile("This is required"))
    expect(page.get_by_label("Age", exact=True)).to_have_value("36")
    expect(page.get_by_label("Art style")).to_have_value("pencil")
    fill(page, "Ada")
    page.get_by_label("Reference photo").set_input_files(fake)
    answer = sent(page)
    assert 400 <= answer.status < 500
    pictured = page.get_by_label("Reference photo")
    expect(pictured).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_value("Ada")


def sent(page: Page) -> Response:
    """Send the form; returns the page that came."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as coming:
        page.get_by_role("button", name="Create").click()
    page.wait_for_load_state()
    return coming.value


def test_a_photo_that_the_browser_cannot_read_is_not_shown(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(photo(tmp_path).read_bytes()[:40])
    page.goto("/characters/new")
    chosen, preview = page.get_by_label("Reference photo"), page.locator("#preview")
    chosen.set_input_files(broken)
    expect(preview).to_be_hidden()
    expect(page.get_by_text("A face to begin from")).to_be_visible()
    chosen.set_input_files(photo(tmp_path))
    expect(preview).to_be_visible()


def test_a_photo_that_is_too_large_is_refused_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(11 * 1024 * 1024))
    page.goto("/characters/new")
    page.get_by_label("Reference photo").set_input_files(large)
    expect(page.get_by_role("main")).to_contain_text("11.0 MiB; at most 10.0 MiB")


def test_a_portrait_that_was_stopped_says_so_and_can_be_asked_for_again(
    page: Page, system: System
) -> None:
    in_the_way = system.submit("character_generation", name="In the way", age=30)
    asked = {"name": "Cleo Stopped", "age": 36}
    made = system.http.post("/api/characters", json=asked).json()
    page.goto(f"/characters/generating?character_id={made['character']['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cleo Stopped is on the way")
    system.http.post(f"/api/jobs/{made['job']['id']}/stop").raise_for_status()

    expect(page).to_have_url(CHARACTER)
    expect(page.get_by_role("main")).to_contain_text(
        re.compile(r"The portrait was (stopped|canceled)\.")
    )
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".facts")).to_contain_text("attempt 2 of 2")
    for job in (in_the_way, made["job"]):
        system.http.post(f"/api/jobs/{job['id']}/stop")  # nobody waits for these


def test_a_story_is_written_while_it_is_read(page: Page) -> None:
    page.goto("/characters/new")
    fill(page, "Bruno Storied")
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(CHARACTER, timeout=MAKING_MILLISECONDS)
    page.get_by_label("Theme").fill("friendship")
    page.get_by_label("How long").select_option("short")
    page.get_by_role("button", name="Write").click()
    expect(page).to_have_url(re.compile(r"/stories/[0-9a-f-]{36}$"))
    stays(page)
    main = page.get_by_role("main")
    chapters = main.get_by_role("heading", level=2)
    expect(chapters.first).to_be_visible(timeout=MAKING_MILLISECONDS)
    begun = len(main.inner_text())
    expect(page.locator("#job")).to_contain_text("finished", timeout=MAKING_MILLISECONDS)
    expect(chapters).to_have_count(3)
    assert len(main.inner_text()) > begun
    assert has_stayed(page)
    page.reload()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.goto("/stories")
    expect(page.get_by_role("main")).to_contain_text("with Bruno Storied")
