"""A job's id as a part of an address."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.model.record import address_of, id_in

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("job_id", "part"),
    [
        ("0193b3c4-0000-7000-8000-000000000000", "0193b3c4-0000-7000-8000-000000000000"),
        ("_nightly", "_nightly"),
        ("-x", "-x"),
        ("a b?c#d%2F", "a%20b%3Fc%23d%252F"),
        ("שלום", "%D7%A9%D7%9C%D7%95%D7%9D"),
        ("new", "~6e6577"),
        ("..", "~2e2e"),
        (".", "~2e"),
        ("a/b", "~612f62"),
        ("~2e", "~7e3265"),
    ],
)
def test_an_id_is_written_so_that_an_address_carries_it(job_id: str, part: str) -> None:
    assert address_of(job_id) == part
    assert id_in(unquote(part)) == job_id


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_id_comes_back_and_parts_no_address(job_id: str) -> None:
    part = address_of(job_id)

    assert re.fullmatch(r"[A-Za-z0-9._~%-]+", part)
    assert part not in {"new", ".", ".."}
    assert id_in(unquote(part)) == job_id


def test_an_id_that_somebody_typed_as_it_is_is_understood() -> None:
    assert [id_in(typed) for typed in ("~zoe", "~", "a b")] == ["~zoe", "", "a b"]


def test_no_template_writes_an_id_into_an_address_as_it_is() -> None:
    raw = [
        f"{path.name}: {found}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in re.findall(
            r"jobs/\{\{ ?[\w.]*(?:job|view_args)\.\w*id ?\}\}", path.read_text()
        )
    ]

    assert raw == []
