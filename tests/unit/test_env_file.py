"""`.env` as people write it: read, or refused with the line, also when honcho reads it first."""

from __future__ import annotations

import codecs
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headway.errors import BadSetting
from headway.settings import read_settings

ROOT = Path(__file__).parents[2]
# A line of `.env`, and the port that it sets.
LINES = [
    "export PORT=6123",
    "PORT = 6123",
    "PORT='6123'",
    'PORT="6123"  # the web',
    "port=6123",
    "# a word\r\nPORT=6123\r\n",
]


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".env"


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "mark"])
def test_a_setting_is_read_however_it_is_written(env_file: Path, line: str, mark: bytes) -> None:
    env_file.write_bytes(mark + line.encode())

    assert read_settings().port == 6123


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"HOST=127.0.0.1\n\nPORT\n", r"\.env line 3 \(PORT…\) cannot be read: write NAME=value"),
        (b"PORT=6123\nREDIS_URL='redis://:secret@x\n", r"\.env line 2 \(REDIS_URL…\)"),
        ("PORT=6123".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(env_file: Path, content: bytes, said: str) -> None:
    env_file.write_bytes(content)

    with pytest.raises(BadSetting, match=said) as refused:
        read_settings()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "meant"), [("HEADWAY_OPN", "HEADWAY_OPEN"), ("REDIS_ULR", "REDIS_URL")]
)
def test_a_misspelt_setting_is_told_of(
    env_file: Path, caplog: pytest.LogCaptureFixture, name: str, meant: str
) -> None:
    env_file.write_text(f"PYTHONPATH=/somewhere\n{name}=1\n")

    read_settings()

    (said,) = [record.getMessage() for record in caplog.records]
    assert said == f".env line 2: {name} is no setting; {meant} is one"


@pytest.mark.skipif(shutil.which("honcho") is None, reason="honcho is not installed")
def test_what_honcho_cannot_read_is_read_all_the_same(env_file: Path) -> None:
    env_file.write_text("export PORT=6123\nDATA_DIR=/my data#1\n")
    script = env_file.parent / "say.py"
    script.write_text(
        "from headway.settings import load_settings\n"
        "settings = load_settings()\n"
        "print('port', settings.port, settings.data_dir)\n"
    )
    (env_file.parent / "Procfile").write_text(f"web: {sys.executable} {script}\n")

    said = subprocess.run(
        ["honcho", "start"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout

    assert "port 6123 /my data#1" in said


def test_a_port_that_honcho_gives_to_its_second_web_process_stands(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("PORT=6123\n")
    monkeypatch.setenv("HONCHO_PROCESS_NAME", "web.2")
    monkeypatch.setenv("PORT", "6124")

    assert read_settings().port == 6124
