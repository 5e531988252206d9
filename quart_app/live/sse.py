"""Server-Sent Events as bytes: a pure function of its arguments. It knows no job.

By the WHATWG HTML standard, section 9.2 "Server-sent events".
"""

from __future__ import annotations

import re

# CR, LF and CRLF each end a line; nothing else does (str.splitlines knows more and would
# break data in two).
_LINE_END = re.compile(r"\r\n|\r|\n")
# In a one-line field these would end the field, or make a parser drop it.
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
    """The line that says how long to wait before connecting again; it is put before an event.

    By itself it would be a message without data to some clients, which break on that.
    """
    return b"retry: %d\n" % milliseconds


# What a stream sends when it has nothing to say.
HEARTBEAT = encode_json("heartbeat", b"{}")
