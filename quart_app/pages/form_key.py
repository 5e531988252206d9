"""The hidden key of a form, so that sending it twice starts one job.

The key covers what was filled in: a form that was changed and sent again starts another job.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping

FIELD = "idempotency_key"
RANDOM_BYTES = 12


def fresh_key() -> str:
    """A key for a form that is drawn now."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def key_of(posted: Mapping[str, str], *more: str) -> str | None:
    """The key of a form that was sent, over its values and `more`; None when it brought none."""
    if not posted.get(FIELD):
        return None
    text = json.dumps([sorted(posted.items()), more])
    return hashlib.sha256(text.encode()).hexdigest()
