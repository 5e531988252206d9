"""Events as a stream's client gets them: their links begin where that client finds Headway."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache

from headway.model.record import JsonDict
from quart_app.addresses import base, linked
from quart_app.live.event import encode_json

# Events that are remembered as they were last worded: the watchers of a frame share them.
REMEMBERED = 256
_HEAD = b"event: "
_DATA = b"\ndata: "


def reached(event: bytes) -> bytes:
    """An encoded event that all watchers share, for the client of this request."""
    return _under(base(), event) if base() and b'"links":' in event else event


def reaching() -> Callable[[bytes], bytes]:
    """What `reached` does for this request's client: nothing where Headway is its site's root."""
    return reached if base() else bytes  # which gives back what it gets


def with_links(parts: JsonDict) -> JsonDict:
    """A record, or lists among which may be workers, with links that this client can follow."""
    if "workers" in parts:
        return {**parts, "workers": [linked(worker) for worker in parts["workers"]]}
    return linked(parts) if "links" in parts else parts


@lru_cache(maxsize=REMEMBERED)
def _under(prefix: str, event: bytes) -> bytes:
    """The event under the base of this request, which is `prefix`."""
    name, _, data = event.removesuffix(b"\n\n").partition(_DATA)
    return encode_json(name.removeprefix(_HEAD).decode(), with_links(json.loads(data)))
