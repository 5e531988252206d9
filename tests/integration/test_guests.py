"""Guests: what a package of kinds brings to the web, and a web without the examples."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from headway.kinds.registry import load_kinds
from headway.settings import Settings
from quart_app import guests
from quart_app.guests import load_guests
from tests.support import behind
from tests.support.app_server import Server, serving
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH

ROOT = Path(__file__).parents[2]
TOY = "tests.support.toy_guest"
EXAMPLES = ("/characters", "/characters/new", "/stories", "/stories/new", "/api/characters",
            "/api/stories", "/static/characters/photo.js", "/static/stories/story.js")  # fmt: skip


@pytest_asyncio.fixture
async def with_toy(store: Settings) -> AsyncIterator[Server]:
    """A server that has the toy guest beside the examples."""
    async with serving(store.model_copy(update={"kinds": TOY})) as server:
        yield server


@pytest_asyncio.fixture
async def without_examples(store: Settings) -> AsyncIterator[Server]:
    """A server that knows only jobs."""
    async with serving(store.model_copy(update={"examples": False})) as server:
        yield server


@ON_BOTH
async def test_a_guest_brings_a_table_a_page_a_route_and_a_section(
    with_toy: Server, hand: Hand
) -> None:
    made = (await with_toy.post("/api/greetings", json={"name": "Ada"})).json()
    job = hand.store.job(made["job"]["id"])
    before = (await with_toy.get(f"/api/greetings/{made['greeting']['id']}")).json()
    hand.finish(hand.start(job), "Hello Ada")
    after = (await with_toy.get(f"/api/greetings/{made['greeting']['id']}")).json()
    page = (await with_toy.get("/greetings")).text
    missing = await with_toy.get("/greetings/none", headers={"Accept": "text/html"})

    assert (before["state"], before["text"]) == ("pending", None)
    assert (after["state"], after["text"]) == ("completed", "Hello Ada")
    assert "<li>Hello Ada</li>" in page
    assert '<a href="/greetings" aria-current="page">Greetings</a>' in page
    assert '<a class="button" href="/greetings">All greetings</a>' in missing.text


async def test_a_guests_routes_are_described_and_its_pages_are_not(with_toy: Server) -> None:
    paths = (await with_toy.get("/openapi.json")).json()["paths"]

    assert set(paths["/api/greetings/{greeting_id}"]["get"]["responses"]) == {
        "200", "403", "404", "422", "503"
    }  # fmt: skip
    assert "/greetings" not in paths


async def test_without_the_examples_nothing_of_them_is_there(
    without_examples: Server, store: Settings
) -> None:
    for path in EXAMPLES:
        assert (path, (await without_examples.get(path)).status_code) == (path, 404)
    page = (await without_examples.get("/")).text
    described = (await without_examples.get("/openapi.json")).text

    assert "haracters" not in page.partition("<main")[0]
    assert "tories" not in page.partition("<main")[0]
    assert "characters" not in described
    assert "stories" not in described
    tables = {row[0] for row in behind.run(store, "SELECT name FROM sqlite_master")}
    assert not {"characters", "stories"} & tables


def test_without_the_examples_their_kinds_are_not_known() -> None:
    look = (
        "from headway.kinds.registry import kinds, load_kinds;"
        "print(load_kinds(('tests.support.toy_jobs',), examples=False));"
        "print([each.name for each in kinds() if not each.name.startswith('toy.')])"
    )
    said = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout.splitlines() == ["['tests.support.toy_jobs']", "[]"]


def test_what_runs_a_guests_jobs_loads_nothing_of_the_web() -> None:
    look = (
        "import sys; from headway.kinds.registry import load_kinds;"
        f"load_kinds(('{TOY}',)); print([name for name in sys.modules if 'quart' in name])"
    )
    said = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"


def test_a_module_that_has_no_guest_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    a_package(tmp_path, "uninvited", __init__='GUEST = "uninvited.web"', web="")

    with pytest.raises(TypeError, match=r"uninvited\.web has no `guest`"):
        load_guests(["uninvited"])


def test_what_a_package_does_not_call_its_guest_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    a_package(tmp_path, "others", web="raise AssertionError('an application of its own')")

    assert load_guests(["others"]) == []


def a_package(folder: Path, name: str, **files: str) -> None:
    """A package with these modules, loaded; its folder is on the Python path."""
    (folder / name).mkdir()
    for module, text in {"__init__": "", **files}.items():
        (folder / name / f"{module}.py").write_text(text)
    importlib.import_module(name)


async def test_the_smallest_guest_is_what_its_description_says(
    store: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    _, _, example = (guests.__doc__ or "").partition("web.py`:\n")
    code = [line for line in example.splitlines() if not line or line.startswith("    ")]
    a_package(
        tmp_path,
        "greeting",
        __init__='GUEST = "greeting.web"',
        web=textwrap.dedent("\n".join(code)),
    )
    (tmp_path / "greeting" / "templates").mkdir()
    template = '{% extends "base.html" %}{% block main %}{{ greetings }}{% endblock %}'
    (tmp_path / "greeting" / "templates" / "greetings.html").write_text(template)

    async with serving(store.model_copy(update={"kinds": "greeting"})) as server:
        page = await server.get("/greetings")

    assert page.status_code == 200
    assert '<a href="/greetings" aria-current="page">Greetings</a>' in page.text


def test_a_persons_own_file_under_jobs_is_loaded_without_the_examples(tmp_path: Path) -> None:
    for name in ("headway", "quart_app", "run_worker.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "jobs").mkdir()
    for name in ("__init__.py", "character", "story"):
        (tmp_path / "jobs" / name).symlink_to(ROOT / "jobs" / name)
    (tmp_path / "jobs" / "mine.py").touch()

    look = "from headway.kinds.registry import load_kinds; print(load_kinds(examples={}))"
    said = [
        subprocess.run(
            [sys.executable, "-c", look.format(examples)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for examples in (True, False)
    ]

    assert said == ["['jobs.character', 'jobs.mine', 'jobs.story']", "['jobs.mine']"]


def test_a_module_that_is_named_twice_is_loaded_once() -> None:
    assert load_kinds(("jobs.story", TOY, TOY)) == ["jobs.character", "jobs.story", TOY]
