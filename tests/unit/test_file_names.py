"""What a folder or a file is called on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.files import artifact_path, check_name, forget_artifacts, within
from headway.settings import Settings
from tests.support.by_hand import keep_artifact

FOLDER = Path("/nowhere")


@given(st.text(min_size=1), st.booleans())
def test_any_name_gets_a_file_name_that_leads_nowhere_else(name: str, folds_case: bool) -> None:
    path = within(FOLDER, name, folds_case=folds_case)

    assert path.parent == FOLDER
    assert path.name.isascii()
    assert path.name.isprintable()
    assert not path.name.startswith(".")
    assert 0 < len(path.name) <= 100


@given(st.lists(st.text(min_size=1) | st.sampled_from(["ABC", "abc", "Abc", "a.", "a", "é", "e"])))
def test_no_two_names_get_the_same_file_name(names: list[str]) -> None:
    files = {within(FOLDER, name, folds_case=True).name.lower() for name in names}

    assert len(files) == len(set(names))


@pytest.mark.parametrize("name", ["0193b3c4-0000", "note.txt", "Report.PDF", "x" * 100])
def test_a_plain_name_is_its_own_file_name(name: str) -> None:
    assert within(FOLDER, name, folds_case=False) == FOLDER / name


def test_on_a_disk_without_capitals_a_name_of_the_version_before_is_found(tmp_path: Path) -> None:
    (tmp_path / "ABC").touch()

    assert within(tmp_path, "ABC", folds_case=True) == tmp_path / "ABC"
    assert within(tmp_path, "Abc", folds_case=True).name.startswith("abc~")


@pytest.mark.parametrize(
    "name", ["résumé.pdf", "my file.txt", "x" * 120, "שלום 🎈.txt", "a'b\"c;d%2F.csv", "C++ & <b>"]
)
def test_a_name_that_does_no_harm_may_be_given_to_a_file(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".x",
        "a/b",
        "a\\b",
        "a\nb",
        "a\0b",
        "a\u2028b",
        "a\u202eb",
        " a",
        "a ",
        "\ud800",
        7,
    ],
)
def test_a_name_that_could_do_harm_is_refused_in_words(name: object) -> None:
    with pytest.raises(ValueError, match="is no plain file name, which has 1 to 150 characters"):
        check_name(name)


@pytest.mark.parametrize(
    "job_id", ["_nightly", "-x", "..", "a/b", "x" * 3_000, "ABC", "שלום", "new"]
)
def test_a_job_of_any_id_has_files_of_its_own(settings: Settings, job_id: str) -> None:
    keep_artifact(settings, "another", "note.txt", b"another's")
    keep_artifact(settings, job_id, "résumé.pdf", b"mine")

    path = artifact_path(settings, job_id, "résumé.pdf")
    assert path.read_bytes() == b"mine"
    assert path.parent.parent == settings.data_dir / "artifacts"

    forget_artifacts(settings, job_id)
    assert not path.parent.exists()
    assert artifact_path(settings, "another", "note.txt").read_bytes() == b"another's"


def test_two_attempts_of_a_job_never_mix_their_files(settings: Settings) -> None:
    keep_artifact(settings, "a", "note.txt", b"second", 2)
    keep_artifact(settings, "a", "note.txt", b"first, though it is late", 1)

    kept = [artifact_path(settings, "a", "note.txt", attempt).read_bytes() for attempt in (1, 2)]
    assert kept == [b"first, though it is late", b"second"]


def test_files_of_a_later_attempt_are_found_where_the_version_before_put_them(
    settings: Settings,
) -> None:
    before = keep_artifact(settings, "a", "note.txt", b"kept by it")

    assert artifact_path(settings, "a", before.name, 3).read_bytes() == b"kept by it"
