"""Server-Sent Events as bytes, by the WHATWG HTML standard, section 9.2."""

from __future__ import annotations

import re

# CR, LF and CRLF each end a line and nothing else does; str.splitlines would also split at others.
_LINE_END = re.compile(r"\r\n|\r|\n")
# In a field of one line these would end the field, or make a parser drop it.
_NOT_IN_A_FIELD = re.compile(r"[\r\n\0]")


def encode(data: str, *, event: str = "", event_id: str = "") -> bytes:
    """One event. Any text may be its data; line ends inside arrive as LF."""
    head = id_line(event_id).decode() if event_id else ""
    if event:
        head += f"event: {_NOT_IN_A_FIELD.sub('', event)}\n"
    lines = "".join(f"data: {line}\n" for line in _LINE_END.split(data))
    return f"{head}{lines}\n".encode("utf-8", "replace")


def encode_json(event: str, body: bytes) -> bytes:
    """An event of which the data is JSON without line ends, as the record's `dumps` makes it."""
    return encode(body.decode(), event=event)


def id_line(event_id: str) -> bytes:
    """The line that makes the event after it resumable."""
    return f"id: {_NOT_IN_A_FIELD.sub('', event_id)}\n".encode("utf-8", "replace")


def retry_line(milliseconds: int) -> bytes:
    """The line that says how long to wait before connecting again; it goes before an event.

    By itself it would be a message without data, on which some clients break.
    """
    return b"retry: %d\n" % milliseconds


# What a stream sends when it has nothing to say.
HEARTBEAT = encode_json("heartbeat", b"{}")
