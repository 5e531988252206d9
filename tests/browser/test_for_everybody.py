"""Every page on a phone, in the dark, and before the accessibility checker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Visitor
from tests.support.browser_pages import LONG_WORD, furnished
from tests.support.system import System

PHONE = {"width": 360, "height": 740}  # CSS pixels; the narrowest phone in common use
FINGER = 24  # CSS pixels; the least that WCAG 2.2 asks for
NEXT_TO = 2  # CSS pixels
HEBREW = "ייבוא נתונים (2026)!"
CHECK = """async (rules) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...rules });
  return violations.map(({ id, impact, nodes }) => [impact, id, nodes.map((node) => node.html)]);
}"""
TOO_SMALL = """(least) => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((part) => !part.matches(".skip"))
  .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < least)
  .map((part) => part.outerHTML)"""
FIRST_LETTER = """(element) => {
  const range = document.createRange();
  range.setStart(element.firstChild, 0);
  range.setEnd(element.firstChild, 1);
  return element.getBoundingClientRect().right - range.getBoundingClientRect().right;
}"""
BRIGHTNESS = """() => getComputedStyle(document.documentElement).backgroundColor
  .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3"""


@pytest.fixture(scope="module")
def addresses(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One of everything, to be looked at."""
    with furnished(system, tmp_path_factory.mktemp("furniture")) as pages:
        yield pages


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker's script."""
    return (files("axe_playwright_python") / "axe.min.js").read_text()


def test_on_a_narrow_phone_nothing_scrolls_sideways_and_a_finger_hits_what_it_means(
    visit: Callable[..., Visitor], addresses: dict[str, str]
) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True).page()
    widths, small = {}, {}
    for name, address in addresses.items():
        page.goto(address)
        widths[name] = page.evaluate("document.documentElement.scrollWidth")
        small[name] = page.evaluate(TOO_SMALL, FINGER)
    assert {name: width for name, width in widths.items() if width > PHONE["width"]} == {}
    assert {name: parts for name, parts in small.items() if parts} == {}


def test_a_long_name_widens_no_phone_while_the_character_is_on_its_way(
    visit: Callable[..., Visitor], system: System
) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True).page()
    in_the_way = system.submit("character_generation", name="In the way", age=30)
    made = system.http.post("/api/characters", json={"name": LONG_WORD[:100], "age": 36}).json()
    page.goto(f"/characters/generating?character_id={made['character']['id']}")
    place_and_width = "[location.pathname, document.documentElement.scrollWidth]"
    assert page.evaluate(place_and_width) == ["/characters/generating", PHONE["width"]]
    for job in (in_the_way, made["job"]):
        system.http.post(f"/api/jobs/{job['id']}/stop")  # nobody waits for these


def test_a_text_from_right_to_left_begins_at_the_right(page: Page, system: System) -> None:
    job = system.submit("watched.say", text=HEBREW)["id"]
    for address, part in (("/", ".title"), (f"/jobs/{job}", "h1")):
        page.goto(address)
        shown = page.locator(part).filter(has_text=HEBREW).first
        assert abs(shown.evaluate(FIRST_LETTER)) < NEXT_TO


def test_pages_are_light_by_day_and_dark_by_night(page: Page) -> None:
    page.goto("/")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(BRIGHTNESS) > 200
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(BRIGHTNESS) < 60


def test_the_accessibility_checker_finds_nothing(
    visit: Callable[..., Visitor], addresses: dict[str, str], axe: str
) -> None:
    page = visit(color_scheme="light", reduced_motion="reduce").page()
    found = {}
    for name, address in addresses.items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        page.evaluate(axe)
        found[name] = faults(page)
        page.emulate_media(color_scheme="dark")
        found[f"{name}, dark"] = faults(page, "color-contrast")
        page.emulate_media(color_scheme="light")
    assert {name: there for name, there in found.items() if there} == {}


def faults(page: Page, *rules: str) -> list[str]:
    """What the checker finds; by these rules only, when any are named."""
    found = page.evaluate(CHECK, {"runOnly": list(rules)} if rules else {})
    return [f"{impact}, {rule}: {places}" for impact, rule, places in found]


def test_a_form_with_errors_is_accessible_too(page: Page, axe: str) -> None:
    page.goto("/characters/new")
    page.get_by_label("Name", exact=True).fill("  ")
    page.get_by_label("Age", exact=True).fill("3")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.evaluate(axe)
    assert faults(page) == []
