"""The promises of README and docs, run as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.system import ROOT, System

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What these say is followed in test_guides.py.
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
# A portrait takes a few seconds of work, and this machine may be busy.
EXAMPLES_SECONDS = 90
PNG = b"\x89PNG\r\n\x1a\n"


def blocks(language: str, word: str = "") -> list[Any]:
    """Every example of the pages in this language, with this word in it."""
    return [
        pytest.param(block, id=page.name)
        for page in PAGES
        for block in re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.S | re.M)
        if word in block
    ]


@pytest.mark.parametrize("examples", blocks("sh"))
def test_the_curl_examples_run_from_the_first_line_to_the_last(
    shared_system: System, tmp_path: Path, examples: str
) -> None:
    url = f"http://127.0.0.1:{shared_system.port}"

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", examples],
        cwd=tmp_path,
        env=shared_system.environment | {"URL": url},
        capture_output=True,
        timeout=EXAMPLES_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert b"event: job" in done.stdout
    assert b'"status":"finished"' in done.stdout
    assert (tmp_path / "portrait.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("example", blocks("python", "headway.record()"))
def test_a_line_for_an_application_wraps_its_workers(example: str, tmp_path: Path) -> None:
    said = "from rq.worker import BaseWorker; print(hasattr(BaseWorker, 'headway_recorder'))"

    done = subprocess.run(
        [sys.executable, "-c", f"{example}\n{said}"],
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "True\n", done.stderr


@pytest.mark.parametrize("example", blocks("python", "@kind"))
def test_a_kind_that_is_written_as_shown_runs(example: str, tmp_path: Path) -> None:
    said = "print([kind.name for kind in kinds()], import_rows(Params(rows=2)))"
    (tmp_path / "mine.py").write_text(example)
    program = f"from headway.kinds.registry import kinds\nfrom mine import *\n{said}"

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "['import'] {'rows': 2}\n", done.stderr


@pytest.mark.parametrize("page", [*PAGES, *GUIDES], ids=lambda page: page.name)
def test_every_link_between_the_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^):]+)\)", page.read_text())

    broken = [link for link in links if not leads_somewhere(page, link)]

    assert broken == []


def leads_somewhere(page: Path, link: str) -> bool:
    """True where a link's file is there, with a heading for its #part."""
    name, _, part = link.partition("#")
    target = (page.parent / name) if name else page
    if not target.exists() or not part:
        return target.exists()
    headings = re.findall(r"^#+ (.*)$", target.read_text(), re.M)
    return part in {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("ending", ["honcho start", "pytest"])
def test_the_two_commands_install_what_the_project_declares(ending: str) -> None:
    command = next(line.strip() for line in README.splitlines() if line.endswith(f"&& {ending}"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    installed = shlex.split(command)[shlex.split(command).index("-e") + 1]

    assert installed == (".[dev]" if ending == "pytest" else ".[all]")
    assert {"all", "dev"} <= set(project["optional-dependencies"])
