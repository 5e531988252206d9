"""The kind of job that paints portraits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headway.errors import JobFailed
from headway.files import keep_upload
from headway.kinds.registry import find
from headway.progress import report
from headway.settings import Settings
from jobs.character import generate_character
from jobs.character.painter import StudioPainter
from jobs.character.parameters import ArtStyle, CharacterParams
from jobs.character.signature import BadPhoto
from tests.unit.test_character_painter import SIZE, photo


class Attached:
    """Keeps what a job reports and attaches."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.percents: list[float] = []
        self.due = 0.0

    def write(self) -> None:
        assert isinstance(report.progress, int | float)
        self.percents.append(report.progress)

    def log(self, text: str) -> None:
        """Nobody reads it here."""

    def attach(self, name: str, content: Any) -> None:
        self.files[name] = content


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> Iterator[Attached]:
    """A job's reports, with a small painter for the work."""
    monkeypatch.setattr("jobs.character.painter.StudioPainter", lambda: StudioPainter(SIZE))
    listener = Attached()
    report.bind(listener)
    yield listener
    report.release()


def test_the_kind_is_registered_with_its_queue_and_limits() -> None:
    kind = find("character_generation")

    assert kind.queue == "character_generation"
    assert (kind.timeout_seconds, kind.max_attempts) == (600, 2)
    assert kind.title_of(CharacterParams(name="Ada", age=34)) == "Portrait of Ada"


def test_a_job_attaches_portrait_and_thumbnail_and_returns_what_can_be_seen(
    attached: Attached,
) -> None:
    result = generate_character(CharacterParams(name="😀 שלום", age=34, art_style=ArtStyle.PENCIL))

    assert set(attached.files) == {"portrait.png", "thumbnail.png"}
    assert all(content.startswith(b"\x89PNG") for content in attached.files.values())
    assert json.loads(json.dumps(result)) == result
    assert result["art_style"] == "pencil"
    assert {"hair", "expression", "clothes", "background", "caption", "size"} <= set(result)


def test_a_job_reports_a_bar_that_only_moves_forward(attached: Attached) -> None:
    generate_character(CharacterParams(name="Ada", age=34, art_style=ArtStyle.OIL))

    assert len(attached.percents) > 20
    assert attached.percents == sorted(attached.percents)
    assert attached.percents[-1] == 100
    assert (report.step_name, report.number, report.of) == ("Framing", 4, 4)


def test_a_job_paints_the_upload_it_is_given(
    attached: Attached, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    name = "a-photo"
    keep_upload(settings, name, photo())

    result = generate_character(CharacterParams(name="Ada", age=34, reference_photo=name))

    assert result["caption"] == "Painted after the photo sent."


@pytest.mark.parametrize("name", ["no-such-upload", "../../etc/passwd", ".."])
def test_an_upload_that_is_not_there_fails_the_job_with_a_plain_reason(
    name: str, attached: Attached, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    with pytest.raises(JobFailed, match="not stored here"):
        generate_character(CharacterParams(name="Ada", age=34, reference_photo=name))


def test_a_hostile_upload_fails_the_job_with_a_plain_reason(
    attached: Attached, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    name = "a-photo"
    keep_upload(settings, name, b"<html><script>alert(1)</script>")

    with pytest.raises(BadPhoto, match="a web page"):
        generate_character(CharacterParams(name="Ada", age=34, reference_photo=name))

    assert attached.files == {}
