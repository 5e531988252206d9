"""Short jobs that came whole, from begin to end: they are recorded together.

A worker without a fork runs more of them in a second than a store can commit one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

# What a message asks of the record: the name of a method, and its arguments.
Message = tuple[str, tuple[Any, ...]]

# Messages that are recorded together, at most.
MOST_TOGETHER = 200
# What can be done again where the store is lost meanwhile. A report cannot: it goes on without it.
_REPEATABLE = frozenset({"begin", "log", "finish"})


def first_of(messages: Iterable[Message]) -> tuple[str, str]:
    """The id of the first of some whole jobs, and when it ended."""
    said = dict(reversed(list(messages)))
    return said["begin"][0].id, said["finish"][2]


def whole_jobs(waiting: Iterable[Message]) -> list[Message]:
    """The first messages, as far as they are of jobs that finished; empty where they are not."""
    found: list[Message] = []
    ends = 0
    for message in islice(waiting, MOST_TOGETHER):
        name, _ = message
        is_next = len(found) == ends
        if name not in _REPEATABLE or is_next != (name == "begin"):
            break
        found.append(message)
        if name == "finish":
            ends = len(found)
    return found[:ends]
