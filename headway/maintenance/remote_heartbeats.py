"""Signs of life from other machines, whose clocks may be wrong: heard when they change.

A sign carries its machine's time. Here only counts that it is another one than before, by the
clock of whoever listens.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from headway.processes import HOST

# A worker that lives gives its next sign within this long, in seconds, after one begins to listen.
LISTEN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Heard:
    """A worker's newest sign, and when that was first seen, in seconds of our own clock."""

    sign: str
    at: float
    changed: bool


class Signs:
    """When each worker of another machine was heard last."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}

    def listen(self, signs: Iterable[tuple[str, str, str]]) -> None:
        """Take (name, host, sign) of every worker; to be called more often than they come."""
        known, moment = self._heard, time.monotonic()
        self._heard = {
            name: known[name]
            if name in known and known[name].sign == sign
            else _Heard(sign, moment, changed=name in known)
            for name, host, sign in signs
            if host != HOST
        }

    def heard_within(self, name: str | None, seconds: float) -> bool:
        """True when a worker of another machine gave a new sign so lately, or may do so yet."""
        heard = self._heard.get(name) if name else None
        if heard is None:
            return False
        patience = seconds if heard.changed else min(seconds, LISTEN_SECONDS)
        return time.monotonic() - heard.at < patience
