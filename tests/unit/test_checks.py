"""The checks that read the code instead of running it: format, lint, types."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.system import ROOT

# mypy reads every library once where nothing is cached, on a machine that does more.
CHECK_SECONDS = 300


@pytest.mark.timeout(CHECK_SECONDS)
@pytest.mark.parametrize(
    "check",
    [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]],
    ids=["ruff format", "ruff check", "mypy"],
)
def test_the_code_passes(check: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *check],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=CHECK_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
