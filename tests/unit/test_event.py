"""Events on the wire: their ids, as any client may name one, and their bytes, against a table and
against another implementation's parser.
"""

from __future__ import annotations

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from headway.model.record import dumps
from quart_app.live.event import (
    Position,
    encode,
    encode_json,
    id_line,
    position_of,
    retry_line,
)

# What a database holds as a whole number.
MOST = 2**63 - 1

any_text = st.text(st.characters(exclude_categories=["Cs"]))
any_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def parsed(encoded: bytes) -> list[ServerSentEvent]:
    """What another implementation reads in these bytes."""
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=encoded)
    return list(EventSource(response).iter_sse())


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (encode("e", b"hello"), b"event: e\ndata: hello\n\n"),
        (encode("e", b""), b"event: e\ndata: \n\n"),
        (encode("e", b"a\nb"), b"event: e\ndata: a\ndata: b\n\n"),
        (encode("e", b"a\r\nb\rc\n"), b"event: e\ndata: a\ndata: b\ndata: c\ndata: \n\n"),
        (encode("e", b" x"), b"event: e\ndata:  x\n\n"),
        (encode("e", b":x"), b"event: e\ndata: :x\n\n"),
        (
            encode("e", "a\u2028b\x0bc\x85d".encode()),
            "event: e\ndata: a\u2028b\x0bc\x85d\n\n".encode(),
        ),
        (encode("j\nob\r", b"x"), b"event: job\ndata: x\n\n"),
        (encode("half \ud800", b"x"), b"event: half ?\ndata: x\n\n"),
        (encode_json("job", {"a": 1}), b'event: job\ndata: {"a":1}\n\n'),
        (id_line(Position("k", 1)), b"id: k:1\n"),
        (id_line(Position("k", 1, 2)), b"id: k:1:2\n"),
        (id_line(Position("a\n\0", 1)), b"id: a:1\n"),
        (retry_line(2000), b"retry: 2000\n"),
    ],
)
def test_an_event_is_these_bytes(encoded: bytes, expected: bytes) -> None:
    assert encoded == expected


@given(any_text)
def test_any_text_arrives_with_its_line_ends_made_one_kind(text: str) -> None:
    (event,) = parsed(encode("message", text.encode()))

    assert event.data == text.replace("\r\n", "\n").replace("\r", "\n")


@given(any_text, any_text, any_text)
def test_no_name_and_no_id_can_break_an_event(name: str, epoch: str, text: str) -> None:
    position = Position("y" + epoch, 7)

    (event,) = parsed(id_line(position) + encode("x" + name, text.encode()))

    for end in "\r\n\0":
        name, epoch = name.replace(end, ""), epoch.replace(end, "")
    assert (event.event, event.id) == ("x" + name, f"y{epoch}:7")
    assert event.data == text.replace("\r\n", "\n").replace("\r", "\n")


@given(any_json)
def test_any_json_arrives_as_it_was(value: object) -> None:
    (event,) = parsed(encode_json("job", value))

    assert event.data == dumps(value)


@given(st.lists(any_text, min_size=1, max_size=5))
def test_events_one_after_another_stay_apart(texts: list[str]) -> None:
    events = parsed(b"".join(encode("e", text.encode()) for text in texts))

    assert len(events) == len(texts)


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
