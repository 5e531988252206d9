"""The settings: what is documented, and what a bad value says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headway.errors import BadSetting
from headway.settings import Settings, load_settings, read_settings

DOCUMENTED = Path(__file__).parents[2] / "docs" / "operating.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """(default, sentence) by setting, from the table in docs/operating.md."""
    rows = ROW.findall(DOCUMENTED.read_text(encoding="utf-8"))
    return {name: (default.strip("`"), sentence) for name, default, sentence in rows}


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert list(documented()) == [name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_default_is_the_documented_one(name: str) -> None:
    shown, default = documented()[name.upper()][0], Settings.model_fields[name].default

    if default == "":
        assert shown.startswith("(")
    elif isinstance(default, bool | int | float):
        assert float(shown) == float(default)
    else:
        assert shown.removeprefix("./") == str(default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_a_sentence_and_an_example_that_works(name: str) -> None:
    field = Settings.model_fields[name]

    assert field.description
    assert field.description.endswith(".")
    assert field.examples
    given = {"headway_open": True, name: field.examples[0]}
    assert getattr(read_settings(env_file=None, **given), name) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "127.0.0.1:6379"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("HEADWAY_OPEN", "perhaps"),
        ("JOB_TIMEOUT_SECONDS", "0"),
        ("LEASE_SECONDS", "1"),
        ("LEASE_SECONDS", "soon"),
        ("UPLOAD_LIMIT_BYTES", "12 MB"),
        ("STREAM_LIMIT", "0"),
        ("ALLOWED_HOSTS", "https://headway.example"),
        ("ALLOWED_HOSTS", "headway.example:443"),
        ("ALLOWED_HOSTS", "*"),
    ],
)
def test_a_bad_value_stops_naming_the_variable_the_value_and_an_example(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSetting) as stopped:
        load_settings()

    said = str(stopped.value)
    assert name in said
    assert repr(value) in said
    assert f"Example: {name}=" in said
    assert stopped.value.code not in {0, None}


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JOB_TIMEOUT_SECONDS", "60")

    settings = read_settings(env_file=None)

    assert (settings.data_dir, settings.job_timeout_seconds) == (tmp_path, 60)
    assert settings.database_path == tmp_path / "headway.db"


def test_a_file_named_env_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("PORT=5001\nUNKNOWN=1\n")

    assert load_settings().port == 5001


def test_a_relative_folder_stays_where_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings(env_file=None, data_dir="data")
    monkeypatch.chdir("/")

    assert settings.data_dir == tmp_path / "data"


def test_the_store_is_where_the_address_says(tmp_path: Path) -> None:
    settings = read_settings(env_file=None, database_url=f"sqlite:///{tmp_path}/other.db")

    assert settings.database_path == tmp_path / "other.db"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "headway.example", ""])
def test_another_host_than_loopback_needs_the_word_of_the_owner(host: str) -> None:
    with pytest.raises(BadSetting, match="HEADWAY_OPEN=1"):
        read_settings(env_file=None, host=host)

    assert read_settings(env_file=None, host=host, headway_open=True).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_needs_no_word(host: str) -> None:
    assert read_settings(env_file=None, host=host).on_loopback


def test_modules_of_kinds_are_named_one_by_one() -> None:
    settings = read_settings(env_file=None, kinds=" a.b, c ,,")

    assert settings.kind_modules == ("a.b", "c")


def test_hosts_are_named_one_by_one_in_letters_of_any_size() -> None:
    settings = read_settings(env_file=None, allowed_hosts=" Headway.example, jobs.example ,,")

    assert settings.allowed_names == {"headway.example", "jobs.example"}
