"""A client's position, as it may be named by anybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quart_app.live.event_id import Position, position_of

# What a database holds as a whole number.
MOST = 2**63 - 1


@given(st.from_regex(r"[0-9a-f]{8}", fullmatch=True), st.integers(0, 10**17))
def test_a_position_of_ours_comes_back(epoch: str, seq: int) -> None:
    position = Position(epoch, seq)

    assert position_of(str(position)) == position


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_a_position_in_a_jobs_log_comes_back(seq: int, line: int) -> None:
    position = Position("k3v9a0c1", seq, line)

    assert position_of(str(position)) == position
    assert position_of("k3v9a0c1:7") == Position("k3v9a0c1", 7)


@pytest.mark.parametrize(
    "text",
    [None, "", ":", "a", "a:", ":1", "a:-1", "a:1.5", "a:٣", "a:²", "a b:1", "a:1:",
     "a:1:x", "a:1:-2", "a::2", "a:1:2:3", "a:1 ", "x" * 100 + ":1", "a:" + "9" * 50],
)  # fmt: skip
def test_anything_else_is_no_position(text: str | None) -> None:
    assert position_of(text) is None


@given(st.text())
def test_no_text_breaks_it_or_names_more_than_a_database_holds(text: str) -> None:
    for named in (text, f"a:{text}"):
        position = position_of(named)
        assert position is None or 0 <= position.seq <= MOST
