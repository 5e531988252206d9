"""Doing once what is asked for twice: a key, and what was asked for under it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from headway.errors import BadParameters
from headway.model.record import Record


@dataclass(frozen=True, slots=True)
class Once:
    """A request that starts one job however often it is sent: see `once`."""

    key: str
    kind: str
    owner: str | None
    fingerprint: str

    def is_answered_by(self, known: Record, fingerprint: str | None) -> bool:
        """True when a job that was started under this key is of the same request."""
        if fingerprint is None:
            # An earlier Headway did not keep what was asked for; its jobs are taken for answers to
            # the same request, for most keys are sent again by whoever had no answer.
            return (known.kind, known.owner) == (self.kind, self.owner)
        return fingerprint == self.fingerprint


def once(key: str | None, kind: str, owner: str | None, *asked: Any) -> Once | None:
    """The request, as it was sent, that brought a key; None where it brought none.

    It is told from others by its words and not by what they are made into: a clock or a die in
    a model makes something else of the same words each time. Raises BadParameters.
    """
    if not key:
        return None
    try:
        text = json.dumps([kind, owner, *asked], sort_keys=True)
    except RecursionError:
        raise BadParameters({"params": "Has too many brackets inside of each other."}) from None
    return Once(key, kind, owner, hashlib.sha256(text.encode()).hexdigest())
