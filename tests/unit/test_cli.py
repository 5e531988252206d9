"""The command `headway`: what it loads, what it sets, and what it says when a part is missing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from headway import cli, settings, supervisor
from headway.errors import MissingExtra
from headway.extras import require
from headway.settings import load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _settings_as_they_were(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "_overridden", {})
    for name in ("REDIS_URL", "DATA_DIR", "DATABASE_URL", "KINDS", "HOST", "PORT"):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    yield
    load_settings.cache_clear()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], bool]]:
    """The queues that `headway worker` would serve, and whether in a burst."""
    calls: list[tuple[list[str], bool]] = []
    monkeypatch.setattr(supervisor, "supervise", lambda names, burst: calls.append((names, burst)))
    return calls


@pytest.mark.parametrize(
    ("words", "queues", "burst"),
    [
        ([], [], False),
        (["mails", "im ports", "--burst"], ["mails", "im ports"], True),
        (["--queues", "mails, im ports"], ["mails", "im ports"], False),
    ],
)
def test_a_worker_serves_the_queues_that_are_named(
    served: list[tuple[list[str], bool]], words: list[str], queues: list[str], burst: bool
) -> None:
    done = CliRunner().invoke(cli.headway, ["worker", *words])

    assert (done.exit_code, served) == (0, [(queues, burst)])


def test_an_option_stands_before_the_environment_and_the_file_even_under_honcho(
    served: list[tuple[list[str], bool]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("REDIS_URL=redis://file/0\nDATA_DIR=file\n")
    monkeypatch.setenv("REDIS_URL", "redis://environment/0")
    monkeypatch.setenv("HONCHO_PROCESS_NAME", "worker.1")

    done = CliRunner().invoke(cli.headway, ["worker", "--redis", "redis://option/0"])

    assert done.exit_code == 0, done.output
    assert load_settings().redis_url == "redis://option/0"
    assert load_settings().data_dir == tmp_path / "file"


def test_a_bad_option_is_refused_as_the_setting_is(
    served: list[tuple[list[str], bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "supervise", lambda names, burst: load_settings())

    done = CliRunner().invoke(cli.headway, ["worker", "--redis", "nowhere"])

    assert done.exit_code == 1
    assert done.output.startswith("REDIS_URL='nowhere': must begin with redis://")


def test_what_is_missing_is_named_with_its_extra() -> None:
    require("web", *cli.WEB)

    with pytest.raises(MissingExtra) as stopped:
        require("web", "quart", "no_such_module")

    assert str(stopped.value) == (
        "no_such_module is missing. Install it with pip install 'headway[web]'."
    )


def test_the_command_looks_for_all_that_the_web_brings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    brought = {name.partition(">")[0] for name in project["optional-dependencies"]["web"]}

    assert {name.replace("-", "_") for name in brought - {"redis[hiredis]"}} == set(cli.WEB)


def test_help_loads_none_of_what_the_commands_run() -> None:
    code = (
        "import sys; sys.argv = ['headway', '--help']\n"
        "import atexit; atexit.register(lambda: print(sorted(sys.modules)))\n"
        "import headway.cli; headway.cli.main()"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "worker" in said.stdout
    for heavy in ("redis", "rq", "sqlalchemy", "quart"):
        assert f"'{heavy}'" not in said.stdout


def test_a_temporary_web_keeps_nothing_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/headway")
    used: list[Path] = []

    def serve() -> None:
        settings_now = load_settings()
        assert not settings_now.on_postgresql
        assert settings_now.data_dir.is_dir()
        used.append(settings_now.data_dir)

    monkeypatch.setattr("quart_app.__main__.main", serve)

    done = CliRunner().invoke(cli.headway, ["web", "--temporary"], catch_exceptions=False)

    assert done.exit_code == 0
    assert not used[0].exists()
    assert not (tmp_path / "kept").exists()
