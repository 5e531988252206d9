"""A page of a list: what it shows, and where the next one begins."""

from __future__ import annotations

from collections.abc import Sequence

from headway.model.record import JsonDict, dumps
from headway.store import JobFilter

# A page, in bytes of JSON, ends before it would be longer; its first item is always there.
PAGE_BYTES = 1_000_000


def page_of(found: Sequence[JsonDict], rows: int) -> tuple[Sequence[JsonDict], str | None]:
    """(the first `rows` of what was found, the id below which the next page is, if there is one).

    `found` has to have one row more than a page, where there are as many. A page is shorter
    where its items are long.
    """
    shown = found[: within(PAGE_BYTES, [dumps(item) for item in found[:rows]])]
    return shown, str(shown[-1]["id"]) if len(found) > len(shown) else None


def place_of(wanted: JobFilter, shown: Sequence[JsonDict]) -> dict[str, str]:
    """What the address of the page below these jobs says of its place, besides the filter.

    A list of some states says also by which moment its last job was listed: it may leave them.
    """
    last = shown[-1]
    at = last["ended_at"] or last["started_at"] or last["created_at"]
    return {"before": str(last["id"])} | ({"at": at} if wanted.status else {})


def within(most_bytes: int, encoded: Sequence[str]) -> int:
    """How many of these, from the first on, are so long together in bytes of JSON; one at least."""
    length = 0
    for index, text in enumerate(encoded):
        length += (len(text) if text.isascii() else len(text.encode())) + 1
        if index and length > most_bytes:
            return index
    return len(encoded)
