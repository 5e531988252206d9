"""A page of a list: what is shown of it, and where the next one begins."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.records import JsonDict


def page_of(found: Sequence[JsonDict], rows: int) -> tuple[Sequence[JsonDict], str | None]:
    """(the first `rows` of what was found, the id below which the next page is, if there is one).

    `found` has to have one row more than a page, where there are as many.
    """
    shown = found[:rows]
    return shown, str(shown[-1]["id"]) if len(found) > rows else None
