"""The encoder of events, against a table and against another implementation's parser."""

from __future__ import annotations

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from headway.model.record import dumps
from quart_app.live import sse

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
        (sse.encode("hello"), b"data: hello\n\n"),
        (sse.encode(""), b"data: \n\n"),
        (sse.encode("a\nb"), b"data: a\ndata: b\n\n"),
        (sse.encode("a\r\nb\rc\n"), b"data: a\ndata: b\ndata: c\ndata: \n\n"),
        (sse.encode(" x"), b"data:  x\n\n"),
        (sse.encode(":x"), b"data: :x\n\n"),
        (sse.encode("a\u2028b\x0bc\x85d"), "data: a\u2028b\x0bc\x85d\n\n".encode()),
        (sse.encode("x", event="job"), b"event: job\ndata: x\n\n"),
        (sse.encode("x", event="j\nob\r"), b"event: job\ndata: x\n\n"),
        (sse.encode("x", event_id="a:1"), b"id: a:1\ndata: x\n\n"),
        (sse.encode("x", event_id="a\n:1\0"), b"id: a:1\ndata: x\n\n"),
        (sse.encode("half \ud800"), b"data: half ?\n\n"),
        (sse.encode_json("job", b'{"a":1}'), b'event: job\ndata: {"a":1}\n\n'),
        (sse.id_line("k:1"), b"id: k:1\n"),
        (sse.retry_line(2000), b"retry: 2000\n"),
    ],
)
def test_an_event_is_these_bytes(encoded: bytes, expected: bytes) -> None:
    assert encoded == expected


@given(any_text)
def test_any_text_arrives_with_its_line_ends_made_one_kind(text: str) -> None:
    (event,) = parsed(sse.encode(text, event="message"))

    assert event.data == text.replace("\r\n", "\n").replace("\r", "\n")


@given(any_text, any_text, any_text)
def test_no_name_and_no_id_can_break_an_event(name: str, event_id: str, text: str) -> None:
    (event,) = parsed(sse.encode(text, event="x" + name, event_id="y" + event_id))

    for end in "\r\n\0":
        name, event_id = name.replace(end, ""), event_id.replace(end, "")
    assert (event.event, event.id) == ("x" + name, "y" + event_id)
    assert event.data == text.replace("\r\n", "\n").replace("\r", "\n")


@given(any_json)
def test_any_json_arrives_as_it_was(value: object) -> None:
    body = dumps(value)

    (event,) = parsed(sse.encode_json("job", body.encode()))

    assert event.data == body


@given(st.lists(any_text, min_size=1, max_size=5))
def test_events_one_after_another_stay_apart(texts: list[str]) -> None:
    events = parsed(b"".join(sse.encode(text, event="e") for text in texts))

    assert len(events) == len(texts)
