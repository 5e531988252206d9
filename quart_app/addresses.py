"""Where Headway is on its site: each address in a page, an answer or a stream begins there.

The library and the store know addresses as they are at a site's root; what leaves the web says
where its client finds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from headway.model.record import JsonDict

_base: ContextVar[str] = ContextVar("base", default="")


def base() -> str:
    """What stands before each of our addresses for the client of this request: "" or "/jobs"."""
    return _base.get()


@contextmanager
def under(prefix: str) -> Iterator[None]:
    """Name addresses that begin with this prefix, for the length of a `with`."""
    token = _base.set(prefix)
    try:
        yield
    finally:
        _base.reset(token)


def linked(item: JsonDict) -> JsonDict:
    """A record, or a worker, whose links this request's client can follow."""
    if not base():
        return item
    links = {name: _reached(target) for name, target in item["links"].items()}
    return {**item, "links": links}


def linked_files(files: list[JsonDict]) -> list[JsonDict]:
    """The files of a job, each with the address where this request's client finds it."""
    return [{**each, "href": base() + each["href"]} for each in files]


def _reached(target: str | list[JsonDict] | None) -> str | list[JsonDict] | None:
    if isinstance(target, str):
        return base() + target
    return linked_files(target) if target else target
