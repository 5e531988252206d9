"""Requests with an idempotency key: sent twice, such a request starts one job."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from headway.errors import BadParameters
from headway.model.record import Record


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request's key, and a fingerprint of what it asked for: see `idempotent`."""

    key: str
    kind: str
    owner: str | None
    fingerprint: str

    def is_answered_by(self, known: Record, fingerprint: str | None) -> bool:
        """True when a job that was started under this key is of the same request."""
        if fingerprint is None:
            # An earlier Headway kept no fingerprint. Most keys are sent again because the answer
            # got lost, so its jobs are taken for answers to the same request.
            return (known.kind, known.owner) == (self.kind, self.owner)
        return fingerprint == self.fingerprint


def idempotent(
    key: str | None, kind: str, owner: str | None, *sent: Any
) -> IdempotentRequest | None:
    """The request that came with a key; None where it had none.

    The fingerprint is of what was sent and not of the validated model, whose defaults may be a
    clock or a die. Raises BadParameters.
    """
    if not key:
        return None
    try:
        text = json.dumps([kind, owner, *sent], sort_keys=True)
    except RecursionError:
        raise BadParameters({"params": "Is nested too deeply."}) from None
    return IdempotentRequest(key, kind, owner, hashlib.sha256(text.encode()).hexdigest())
