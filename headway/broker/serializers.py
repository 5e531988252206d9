"""Serializers of RQ: a worker reads what the application wrote, and answers in the same form."""

from __future__ import annotations

import json
import pickle
from typing import Any

from rq.serializers import DefaultSerializer, JSONSerializer

# The first byte of a pickle of protocol 2 or later; no JSON begins with it.
PICKLE_MARK = b"\x80"


class _Unpickled(dict[Any, Any]):
    """A mapping that came as a pickle, and goes back as one."""


class EitherSerializer:
    """Reads JSON and pickles, and writes a mapping as it was read; anything else becomes JSON.

    A pickle can run anything, and so can a job: what may put jobs into Redis has the worker's
    rights. The web never uses this.
    """

    @staticmethod
    def loads(data: bytes) -> Any:
        """What was written, by either serializer."""
        if not data.startswith(PICKLE_MARK):
            return json.loads(data)
        value = pickle.loads(data)  # see above
        return _Unpickled(value) if type(value) is dict else value

    @staticmethod
    def dumps(value: Any) -> bytes:
        """The value in the form in which it came."""
        if isinstance(value, _Unpickled):
            return bytes(pickle.dumps(dict(value), protocol=pickle.HIGHEST_PROTOCOL))
        return json.dumps(value).encode()


def serializer_of(data: bytes) -> Any:
    """The serializer that wrote a job: its result has to be written by the same one."""
    return DefaultSerializer if data.startswith(PICKLE_MARK) else JSONSerializer
