"""Who may import whom, as pyproject.toml says it; and what may stand in a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_import_goes_the_way_it_may() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("package", ["headway", "jobs", "quart_app"])
def test_a_file_says_what_it_owns(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*.py")
        if path.stat().st_size and not path.read_text("utf-8").lstrip().startswith('"""')
    ]

    assert silent == []
