"""The README's promises, run as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from headway.settings import Settings
from tests.support.system import ROOT, System

README = (ROOT / "README.md").read_text()
# A portrait takes a few seconds of work, and this machine may be busy.
EXAMPLES_SECONDS = 90
PNG = b"\x89PNG\r\n\x1a\n"


def shell_examples() -> str:
    """The README's shell block."""
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```", README, re.S | re.M)
    assert len(blocks) == 1, "one block, so that a reader can paste it whole"
    return blocks[0]


def test_the_curl_examples_run_from_the_first_line_to_the_last(
    shared_system: System, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{shared_system.port}"

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", shell_examples()],
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


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*)$", README, re.M))

    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default, _, sentence = rows[name.upper()].partition(" | ")
        assert sentence.removesuffix(" |") == field.description
        if field.default and not isinstance(field.default, bool | Path):
            shown = f"{field.default:g}" if isinstance(field.default, float) else field.default
            assert default == f"`{shown}`"


@pytest.mark.parametrize("ending", ["honcho start", "pytest"])
def test_the_two_commands_install_what_the_project_declares(ending: str) -> None:
    command = next(line.strip() for line in README.splitlines() if line.endswith(f"&& {ending}"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    installed = shlex.split(command)[shlex.split(command).index("-e") + 1]

    assert installed == (".[dev]" if ending == "pytest" else ".[all]")
    assert {"all", "dev"} <= set(project["optional-dependencies"])
