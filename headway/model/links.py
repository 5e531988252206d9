"""A job's id as a part of an address, whatever characters it has."""

from __future__ import annotations

import re
from urllib.parse import quote

# Ids as RQ and we make them; `new` is a page's name.
_PLAIN = re.compile(r"(?!new$)[A-Za-z0-9_-]+")
# What no percent sign saves: a slash parts an address, browsers walk along dots, and the mark of
# what was written in another way.
_LOST = re.compile(r"new|\.{1,2}|~.*|.*/.*", re.DOTALL)
_MARK = "~"


def address_of(job_id: str) -> str:
    """What stands for a job in an address; plain ids for themselves."""
    if _PLAIN.fullmatch(job_id):
        return job_id
    if _LOST.fullmatch(job_id):
        return _MARK + job_id.encode().hex()
    return quote(job_id, safe="")


def id_in(part: str) -> str:
    """The id that a part of an address stands for, its percent signs read already."""
    if part.startswith(_MARK):
        try:
            return bytes.fromhex(part[1:]).decode()
        except ValueError:
            pass  # an id that somebody typed as it is
    return part
